internal import Catalog

/// Where a pipeline's drops come from and return to: what was found in an inbox, or in `retry/`.
protocol DropSource {
  /// Claims the next files.
  ///
  /// - Returns: Those that could be claimed, perhaps none; nil if there are no more files.
  /// - Throws: `StorageError`; nothing new is claimed then.
  mutating func claimNext() async throws(StorageError) -> [ClaimedDrop]?

  /// Takes back the files that a pipeline has finished: lets go of each, or puts it back where it was.
  ///
  /// - Throws: `StorageError`; all of them are let go or put back nevertheless, as far as possible.
  mutating func settle(_ settled: [Settled]) async throws(StorageError)
}

extension DropPipeline {
  /// Takes all drops of a source through, until there are no more or it is stopped.
  ///
  /// - Returns: What was done.
  /// - Throws: `StorageError`; what could not be stored has been put back, as far as possible.
  mutating func run(_ source: inout some DropSource) async throws(StorageError) -> WorkSummary {
    var claimed: ArraySlice<ClaimedDrop> = []
    do throws(StorageError) {
      while !isStopping(), let next = try await source.claimNext() {
        claimed = next[...]
        while !isStopping(), let drop = claimed.popFirst() {
          let settled = try await take(drop)
          if !settled.isEmpty { try await source.settle(settled) }
        }
      }
      try await source.settle(finish())
    } catch {
      try? await source.settle(abandon() + claimed.map { Settled($0, .unfinished) })
      throw error
    }
    // The file in which it stopped: the next start reads it from its beginning, and what is stored by then is a
    // duplicate.
    try await source.settle(abandon() + claimed.map { Settled($0, .unfinished) })
    return tally.summary
  }
}
