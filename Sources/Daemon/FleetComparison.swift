internal import Catalog
internal import DurableFiles
internal import Events
internal import Fleet
internal import Maintenance
internal import Time

/// Compares a tree with the identities that several machines share.
struct FleetComparison {
  private let store: StoreLayout
  private let fleet: FleetOptions
  private let files: PatientFiles
  private static let slice = 1000

  init(_ store: StoreLayout, _ fleet: FleetOptions, _ files: PatientFiles) {
    self.store = store
    self.fleet = fleet
    self.files = files
  }

  /// - Parameter report: Called with each finding.
  /// - Returns: How many there are.
  /// - Throws: `StorageError`.
  func run(report: (Finding) -> Void) throws(StorageError) -> Int {
    let index = try EventIndex(store, files: files)
    do throws(LedgerFailure) {
      let desk = try FleetDesk(fleet, clock: SystemClock())
      var findings = 0
      func find(_ message: FindingMessage, _ ids: [EventID], at path: String) {
        findings += ids.count
        for id in ids {
          report(Finding(kind: .fleet, path: path, message: Message(message, ["eventId": .text(id.text)])))
        }
      }
      var last: Int64? = 0
      while let sequence = last {
        let slice = try LedgerFailure.wrapping { () throws(StorageError) in
          try index.recorded(after: sequence, limit: Self.slice)
        }
        if !slice.ids.isEmpty { find(.notInFleet, try desk.missing(among: slice.ids), at: "\(store.processed)") }
        last = slice.last
      }
      var after = EventID("")
      while true {
        let stored = try desk.stored(after: after, limit: Self.slice)
        guard let end = stored.last else { return findings }
        after = end
        let unknown = try LedgerFailure.wrapping { () throws(StorageError) in try index.unknown(among: stored) }
        find(.onlyInFleet, unknown, at: "\(store.processed)")
      }
    } catch {
      throw .fleet(error)
    }
  }
}

extension LedgerFailure {
  /// Runs `body`; its errors end the comparison as the database's do.
  fileprivate static func wrapping<Result>(
    _ body: () throws(StorageError) -> Result
  ) throws(LedgerFailure) -> Result {
    do {
      return try body()
    } catch {
      throw .unusable("\(error)")
    }
  }
}
