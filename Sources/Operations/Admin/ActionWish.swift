internal import Catalog
internal import Failures
internal import Time

/// What a person asks for from the page.
struct ActionWish: Sendable {
  enum What: Sendable {
    /// To end all pauses.
    case flush
    case files(FileAction, FileSelection)
  }

  var what: What
  /// Which files are meant, for the log.
  var which: String
  /// The seal of the preview that the person has seen; nil: a preview is wanted.
  var seal: String?

  /// Reads the parameters of `/api/actions`: `do`, what selects the files, and the seal of a preview.
  ///
  /// - Parameters:
  ///   - parameters: Names and values, decoded.
  ///   - now: The current time.
  ///   - zone: The time zone of the days in them.
  ///   - partitionZone: The time zone whose midnight divides partitions.
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
