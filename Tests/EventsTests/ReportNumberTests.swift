import Events
import TestSupport
import Testing

/// Numbers that somebody has written into a sidecar.
@Suite(.tags(.fast)) struct ReportNumberTests {
  @Test(arguments: [
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-1", "0", "1e400", "1.5", "-0",
    "99999999999999999999999999", "1000000001",
  ])
  func `No number in a sidecar is one that cannot be counted on from`(number: String) throws {
    let text = """
      {"file":"a.json","stage":"parse","reason":"invalid-json","message":"m","line":\(number),"column":\(number),
      "offset":\(number),"httpStatus":\(number),"attempts":\(number),"firstFailedAt":"2026-11-23T00:00:00Z",
      "lastFailedAt":"9999-12-31T23:59:59Z","nextAttemptAt":"0001-01-01T00:00:00Z","inbox":"default"}
      """
    let report = try #require(FailureReport(Array(text.utf8)))
    #expect((0...FailureReport.mostAttempts).contains(report.attempts))
    #expect(FailureReport(report.encoded(in: .en)) == report)
  }
}
