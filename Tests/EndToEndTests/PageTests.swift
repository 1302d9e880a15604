import Glibc
import TestSupport
import Testing

/// The page in a real browser.
@Suite(.enabled(if: Browser.path != nil, "skipped, because there is no chromium; apt-get install chromium brings it"))
struct PageTests {
  @Test func `It shows what flows and what failed, live, and finds an event`() async throws {
    let site = try await Site()
    site.tree.write(
      site.configuration.replacing("admin: { listen: off }", with: "admin: { listen: '127.0.0.1:0' }"),
      to: "config.yaml")
    let program = try site.start()
    let line = try #require(try await program.errorLine(containing: "the page is at"))
    let port = try #require(line.split(separator: "127.0.0.1:").last).prefix { $0 != "/" }
    let address = "http://127.0.0.1:\(port)/"
    let browser = try await Browser(#require(Browser.path))

    try await browser.open(address)
    let forwarded = "document.querySelector('#step-forwarded strong')?.textContent"
    #expect(try await browser.waits(until: "\(forwarded) === '0' && document.querySelector('#state.good')"))
    #expect(try await browser.waits(until: "document.querySelectorAll('svg.plot').length >= 2"))

    // Live: nobody loads the page anew.
    _ = try await browser.value(of: "window.isTheSame = true")
    site.drop("1.json", #"{"id":"e1","type":"t.paid","data":{"n":12345678901234567890.50}}"#)
    site.drop("<img src=x onerror=alert(1)>.json", #"{"type":"<script>alert(1)</script>"}"#)
    #expect(try await browser.waits(until: "\(forwarded) === '1' && window.isTheSame"))

    // A failure, its reason, and the command that mends it; its name stays a name.
    #expect(
      try await browser.waits(
        until: "document.querySelector('#failures')?.textContent.includes('missing-event-id')"
          + " && document.querySelector('#failures').textContent.includes('<img src=x onerror=alert(1)>.json')"
          + " && document.querySelector('#failures code').textContent.startsWith('mv -n ')"))
    #expect(try await browser.value(of: "document.querySelectorAll('img').length").contains(#""value":0"#))

    // An event's way and its record, whose numbers nobody has rounded.
    _ = try await browser.value(
      of: "document.getElementById('search-id').value = 'e1'; document.getElementById('search').requestSubmit()")
    #expect(
      try await browser.waits(
        until: "!document.getElementById('event').hidden"
          + " && document.getElementById('event-way').children.length === 2"
          + " && document.getElementById('event-record').textContent.includes('12345678901234567890.50')"))
    _ = try await browser.value(
      of: "document.getElementById('search-id').value = ''; document.getElementById('search-type').value = 't.paid';"
        + " document.getElementById('search').requestSubmit()")
    #expect(try await browser.waits(until: "document.querySelectorAll('#results tbody tr').length === 1"))
    #expect(try await browser.waits(until: "document.querySelector('.day.has')?.title.includes('1')"))

    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }
}
