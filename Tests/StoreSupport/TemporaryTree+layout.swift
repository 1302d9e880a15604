package import Catalog
package import TestSupport

extension TemporaryTree {
  /// The folders behind the inboxes.
  package var layout: StoreLayout {
    StoreLayout(processed: processed, retry: retry, failed: failed, state: state)
  }

  /// Writes a failed file, and its report.
  ///
  /// - Parameters:
  ///   - folder: `retry` or `failed`.
  ///   - name: The file.
  ///   - reason: Why it failed.
  ///   - inbox: Where it was dropped.
  ///   - second: When, after noon.
  ///   - id: Its eventId.
  ///   - type: Its eventType.
  package func fail(
    _ folder: String, _ name: String, _ reason: String, inbox: String = "default", second: Int = 0, id: String? = nil,
    type: String? = nil
  ) {
    let time =
      "2026-11-23T12:\(second < 600 ? "0" : "")\(second / 60):\(second % 60 < 10 ? "0" : "")\(second % 60).000Z"
    write("{}", to: "\(folder)/\(name)")
    write(
      #"{"file":"\#(name)",\#(id.map { #""eventId":"\#($0)","# } ?? "")\#(type.map { #""eventType":"\#($0)","# } ?? "")"#
        + #""stage":"parse","reason":"\#(reason)","message":"m","attempts":1,"#
        + #""firstFailedAt":"\#(time)","lastFailedAt":"\#(time)","nextAttemptAt":"2026-11-24T12:00:00.000Z","inbox":"\#(inbox)"}"#,
      to: "\(folder)/\(name).error")
  }
}
