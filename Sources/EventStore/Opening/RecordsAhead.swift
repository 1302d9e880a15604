internal import Catalog
internal import Concurrency
internal import DurableFiles
internal import Events
internal import ExactJSON
internal import Time

/// Reads the records of a partition: while one portion is processed, more than half of the next is read on another
/// thread.
struct RecordsAhead {
  /// What the catalog should know about a record; nil if it has been moved away meanwhile.
  typealias Result = Swift.Result<EventRow?, RecordProblem>

  private static let portion = 1024
  private let keys: [String]
  private let partition: Folder
  private let number: Int64
  private let acknowledged: [EventID: Timestamp]

  /// - Parameters:
  ///   - keys: The records' names, without their ending.
  ///   - partition: Their folder.
  ///   - number: The partition's number in the catalog.
  ///   - acknowledged: When each eventId was last acknowledged, according to the partition's journal.
  init(of keys: [String], in partition: Folder, number: Int64, _ acknowledged: [EventID: Timestamp]) {
    self.keys = keys
    self.partition = partition
    self.number = number
    self.acknowledged = acknowledged
  }

  /// Passes each record to `body`, in order.
  func forEach<Failure: Error>(_ body: (_ key: String, Result) throws(Failure) -> Void) throws(Failure) {
    var start = 0
    var ahead: (results: Background<[Result]>, end: Int)?
    while start < keys.count {
      let end = min(start + Self.portion, keys.count)
      let rest = read((ahead?.end ?? start)..<end)
      let results = (ahead?.results.take() ?? []) + rest
      // Reading takes longer than entering what was read, so the thread that enters reads the rest: then both are busy.
      let endAhead = min(end + Self.portion * 5 / 8, keys.count)
      ahead = end < endAhead ? (Background(named: "records") { read(end..<endAhead) }, endAhead) : nil
      for (key, result) in zip(keys[start..<end], results) { try body(key, result) }
      start = end
    }
  }

  private func read(_ range: Range<Int>) -> [Result] {
    var document = JSONDocument()
    return keys[range].map { key in
      do throws(RecordProblem) {
        return .success(try RecordOnDisk(key, in: partition, number: number, acknowledged, using: &document)?.row)
      } catch {
        return .failure(error)
      }
    }
  }
}
