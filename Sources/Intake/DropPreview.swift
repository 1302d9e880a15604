package import DurableFiles
package import Events
package import Schedules

/// Reads a file as an inbox would, and leaves it where it is.
package struct DropPreview {
  /// What the file holds.
  package enum Content {
    /// Its events, in order, and whether there are more than were wanted.
    case events([DroppedItem], isMore: Bool)
    case failed(DropFailure)
    /// Somebody is still writing to it, or it is no regular file.
    case unsettled
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Where it lies.
  ///   - options: The inbox's.
  ///   - clock: What time it is.
  ///   - limit: How many events are wanted.
  /// - Returns: What it holds; nil where it is not there.
  /// - Throws: `FileFailure`.
  package static func read(
    _ name: FileName, in folder: Folder, by options: InboxOptions, clock: any WallClock, limit: Int
  ) throws(FileFailure) -> Content? {
    guard let status = try folder.status(of: name) else { return nil }
    var drop = ClaimedDrop(
      folder: folder, claimedAs: name, name: name, original: DropName(bytes: name.bytes), status: status,
      isKnownClosed: false, quietSince: clock.uptime() - InboxOptions.quietTime)
    var reader = DropReader(options, clock: clock, isOnRecord: { _ in false }, until: { false })
    switch try reader.read(&drop) {
    case .unsettled, .stopped: return .unsettled
    case .failed(let failure): return .failed(failure)
    case .event(let item, _): return .events([item], isMore: false)
    case .several(let parts):
      var items: [DroppedItem] = []
      do throws(ContentError) {
        while items.count <= limit, let part = try parts.next() {
          switch part {
          case .oversized(let index, let size):
            let failure = SeveralPart.failure(ofOversized: index, size: size)
            items.append(.failed(FailedItem(index: index, range: 0..<0, failure: failure)))
          case .events(let bytes, let ranges, let firstIndex):
            for (position, range) in ranges.enumerated() where items.count <= limit {
              items.append(reader.item(in: bytes, range, named: drop.original, index: firstIndex + position))
            }
          }
        }
      } catch {
        switch error {
        case .stopped: break
        case .files(let failure): throw failure
        case .drop(let failure): if items.isEmpty { return .failed(failure) }
        }
      }
      return .events(Array(items.prefix(limit)), isMore: items.count > limit)
    }
  }
}
