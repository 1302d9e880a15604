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
      folder: folder, name: name, original: DropName(bytes: name.bytes), status: status, isKnownClosed: false,
      history: nil)
    var reader = DropReader(options, clock: clock)
    switch try reader.read(&drop) {
    case .unsettled: return .unsettled
    case .failed(let failure): return .failed(failure)
    case .items(let items, _): return .events(Array(items.prefix(limit)), isMore: items.count > limit)
    case .several(let parts):
      var items: [DroppedItem] = []
      do throws(ContentError) {
        while items.count <= limit, let part = try parts.next() {
          for (position, range) in part.ranges.enumerated() where items.count <= limit {
            items.append(
              reader.item(in: part.bytes, range, named: drop.original, index: part.firstIndex + position))
          }
        }
      } catch {
        switch error {
        case .files(let failure): throw failure
        case .drop(let failure): if items.isEmpty { return .failed(failure) }
        }
      }
      return .events(Array(items.prefix(limit)), isMore: items.count > limit)
    }
  }
}
