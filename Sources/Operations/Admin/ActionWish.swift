internal import EventStore
internal import Time

/// What a person wishes to be done from the page.
struct ActionWish: Sendable {
  enum What: Sendable {
    /// All pauses are to end.
    case flush
    case files(FileAction, FileSelection)
  }

  var what: What
  /// Which files are meant, for the log.
  var which: String
  /// That of the preview which the person has seen; nil: a preview is wanted.
  var seal: String?

  /// Reads the parameters of `/api/actions`: `do`, what the files are chosen by, and the seal of a preview.
  ///
  /// - Parameters:
  ///   - parameters: Names and values, decoded.
  ///   - now: What time it is.
  ///   - zone: Whose days are meant.
  ///   - partitionZone: Whose midnight divides partitions.
  /// - Throws: `QueryMistake`.
  init(
    _ parameters: [(name: String, value: String)], now: Timestamp, zone: TimeZoneRules, partitionZone: TimeZoneRules
  ) throws(QueryMistake) {
    var rest: [(name: String, value: String)] = []
    var own: [String: String] = [:]
    for parameter in parameters where !parameter.value.isEmpty {
      guard ["do", "id", "seal"].contains(parameter.name) else {
        rest.append(parameter)
        continue
      }
      guard own.updateValue(parameter.value, forKey: parameter.name) == nil else {
        throw QueryMistake("'\(parameter.name)' is given twice")
      }
    }
    seal = own["seal"]
    which = (rest + (own["id"].map { [("id", $0)] } ?? [])).map { "\($0.0)=\($0.1)" }.joined(separator: " ")
    if own["do"] == "flush" {
      what = .flush
      return
    }
    guard let action = own["do"].flatMap(FileAction.init(rawValue:)) else {
      throw QueryMistake("do: reprocess, replace, discard or flush, not '\(own["do"] ?? "")'")
    }
    var query = try EventQuery(rest, now: now, zone: zone, partitionZone: partitionZone)
    let isNarrowed = query.status != nil || query.reason != nil
    guard own["id"] != nil || isNarrowed else {
      throw QueryMistake("say which files: id, or status and reason")
    }
    query.limit = 10_000
    query.cursor = nil
    what = .files(
      action,
      FileSelection(
        query: query, subject: own["id"], isNarrowed: isNarrowed || action == .discard,
        isOfFailures: action != .reprocess))
  }
}
