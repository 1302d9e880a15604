package import DurableFiles
package import Events
package import Time

/// Reads a file as an inbox would, but leaves it where it is.
package struct DropPreview {
  /// What the file contains.
  package enum Content {
    /// Its events, in order, and whether there are more than requested; and why what follows them cannot be read.
    case events([DroppedItem], isMore: Bool, failure: DropFailure? = nil)
    case failed(DropFailure)
    /// Somebody is still writing to it, or it is not a regular file.
    case unsettled
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - name: The file.
  ///   - folder: Its folder.
  ///   - options: The inbox.
  ///   - clock: The clock.
  ///   - limit: How many events are requested.
  ///   - isToTheEnd: Whether to read the file to its end, however many events are requested: this finds the first bad
  ///     ones after these, and whether the file is complete.
  ///   - isOnRecord: See `EventReader`.
  /// - Returns: Its content; nil if it does not exist.
  /// - Throws: `FileFailure`.
  package static func read(
    _ name: FileName, in folder: Folder, by options: InboxOptions, clock: any WallClock, limit: Int,
    isToTheEnd: Bool = false, isOnRecord: @escaping @Sendable (RecordClaim) -> Bool = { _ in false }
  ) throws(FileFailure) -> Content? {
    guard let status = try folder.status(of: name) else { return nil }
    var drop = ClaimedDrop(
      folder: folder, claimedAs: name, name: name, original: DropName(bytes: name.bytes), status: status,
      isKnownClosed: false, quietSince: clock.uptime() - InboxOptions.quietTime)
    var reader = DropReader(options, clock: clock, isOnRecord: isOnRecord, until: { false })
    switch try reader.read(&drop) {
    case .unsettled, .stopped: return .unsettled
    case .failed(let failure): return .failed(failure)
    case .event(let item, _): return .events([item], isMore: false)
    case .several(let parts):
      var found = Found(limit: limit, isToTheEnd: isToTheEnd)
      var failure: DropFailure?
      do throws(ContentError) {
        while found.isWanting, let part = try parts.next() {
          switch part {
          case .oversized(let index, let size):
            let failure = SeveralPart.failure(ofOversized: index, size: size, options.mapping)
            found.add(.failed(FailedItem(index: index, range: 0..<0, failure: failure)))
          case .events(let bytes, let ranges, let firstIndex):
            for (position, range) in ranges.enumerated() where found.isWanting {
              found.add(reader.item(in: bytes, range, named: drop.original, index: firstIndex + position))
            }
          }
        }
      } catch {
        switch error {
        case .stopped: break
        case .files(let failure): throw failure
        case .drop(let why): failure = why
        }
      }
      if let failure, found.count == 0 { return .failed(failure) }
      return .events(found.items, isMore: found.count > found.items.count, failure: failure)
    }
  }

  /// The events reported for a file of many.
  private struct Found {
    let limit: Int
    let isToTheEnd: Bool
    /// The first ones; after them, the first bad ones among the others.
    private(set) var items: [DroppedItem] = []
    /// How many there are, as far as the file has been read.
    private(set) var count = 0

    init(limit: Int, isToTheEnd: Bool) {
      self.limit = limit
      self.isToTheEnd = isToTheEnd
    }

    var isWanting: Bool { isToTheEnd || count <= limit }

    mutating func add(_ item: DroppedItem) {
      count += 1
      let isBad = if case .failed = item { true } else { false }
      if count <= limit || (isToTheEnd && isBad && items.count < 2 * limit) { items.append(item) }
    }
  }
}
