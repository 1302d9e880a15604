import Glibc
import TestSupport
import Testing

/// The page in a real browser.
@Suite(
  .tags(.spawned),
  .enabled(if: Browser.path != nil, "skipped, because there is no chromium; apt-get install chromium brings it"))
struct PageTests {
  @Test func `It shows what flows and what failed, live, and finds an event`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path))

    try await browser.open("http://127.0.0.1:\(port)/")
    let forwarded = "document.querySelector('#step-forwarded strong')?.textContent"
    #expect(try await browser.waits(until: "\(forwarded) === '0' && document.querySelector('#state.good')"))
    #expect(try await browser.waits(until: "document.querySelectorAll('svg.plot').length >= 2"))

    // Live: nobody reloads the page.
    _ = try await browser.value(of: "window.isTheSame = true")
    site.drop("1.json", #"{"id":"e1","type":"t.paid","data":{"n":12345678901234567890.50}}"#)
    site.drop("<img src=x onerror=alert(1)>.json", #"{"type":"<script>alert(1)</script>"}"#)
    #expect(try await browser.waits(until: "\(forwarded) === '1' && window.isTheSame"))

    // A failure, its reason, and the command that fixes it; its name stays a name.
    #expect(
      try await browser.waits(
        until: "document.querySelector('#failures')?.textContent.includes('missing-event-id')"
          + " && document.querySelector('#failures').textContent.includes('<img src=x onerror=alert(1)>.json')"
          + " && document.querySelector('#failures code').textContent.startsWith('eventdrop reprocess --config ')"))
    #expect(try await browser.value(of: "document.querySelectorAll('img').length").contains(#""value":0"#))

    // An event's history and its record, with unrounded numbers.
    _ = try await browser.value(
      of: "document.getElementById('search-id').value = 'e1'; document.getElementById('search').requestSubmit()")
    #expect(
      try await browser.waits(
        until: "!document.getElementById('event').hidden"
          + " && document.getElementById('event-way').children.length === 2"
          + " && document.getElementById('event-record').textContent.includes('12345678901234567890.50')"))
    // An event that does not exist is reported on the page, and is not an error of the page.
    _ = try await browser.value(
      of: "document.getElementById('search-id').value = 'no & body'; document.getElementById('search').requestSubmit()")
    #expect(
      try await browser.waits(
        until: "document.getElementById('found').textContent.includes('no & body')"
          + " && document.getElementById('event').hidden"))
    #expect(browser.problems == [])
    _ = try await browser.value(of: "location.hash = '#events?type=t.paid'")
    #expect(try await browser.waits(until: "document.querySelectorAll('#results tbody tr').length === 1"))
    _ = try await browser.value(of: "location.hash = '#events?type=a%26b%3Dc%25'")
    #expect(
      try await browser.waits(
        until: "document.getElementById('search-type').value === 'a&b=c%'"
          + " && document.getElementById('results').hidden"))
    #expect(try await browser.waits(until: "document.querySelector('.day.has')?.title.includes('1')"))
    // The text that is read aloud for a day contains the visible one.
    #expect(
      try await browser.value(of: "document.querySelector('a.day').hasAttribute('aria-label')").contains("false"))
    #expect(
      try await browser.waits(
        until: "document.querySelector('a.day .unseen').textContent.trim() === document.querySelector('a.day').title"))

    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `Its commands take each file back to the inbox that it came from, several with one`() async throws {
    let site = try await siteWithTill()
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path))
    try await browser.becomeDarkTelephone()
    try await browser.open("http://127.0.0.1:\(port)/")
    let path = site.tree.path

    site.drop("1.json", #"{"id":"e1","type":"t","data":{"n":1}}"#)
    #expect(await site.waits { site.records == ["e1.json"] })
    site.drop("it's another.json", #"{"id":"e1","type":"t","data":{"n":2}}"#)
    for number in 1...2 { site.tree.write(#"{"x":1}"#, to: "till/sale \(number).json") }
    #expect(symlink("/etc/hostname", "\(path)/inbox/link.json") == 0)
    #expect(
      await site.waits {
        ["it's another.json", "sale 1.json", "sale 2.json", "link.json"].allSatisfy {
          site.tree.names("failed").contains($0)
        }
      })

    // Those with one cause get one command.
    let again = "eventdrop reprocess --config \(path)/config.yaml"
    let sales = "\(again) --status failed --inbox till --reason missing-event-id"
    #expect(try await browser.waits(until: isOffered(sales)))
    for number in 1...2 { site.tree.write(#"{"receipt":{"number":\#(number)}}"#, to: "failed/sale \(number).json") }
    #expect(try await run(sales) == 0)

    // Another event with the same id: its record goes first.
    let conflict = "\(again) --replace --status failed --inbox default --reason conflict"
    #expect(try await browser.waits(until: isOffered(conflict)))
    // So do the commands in the sentence above it.
    #expect(
      try await browser.waits(
        until:
          "document.getElementById('failures').textContent.includes('eventdrop diff --config \(path)/config.yaml e1')"))
    #expect(try await run(conflict) == 0)
    let left = ["link.json", "link.json.error"]
    _ = await site.waits { site.records == ["1.json", "2.json", "e1.json"] && site.tree.names("failed") == left }
    #expect(site.records == ["1.json", "2.json", "e1.json"])
    #expect(site.tree.names("failed") == left)
    #expect(site.record("1.json").map { String(decoding: $0, as: UTF8.self) }?.contains(#""inbox":"till""#) == true)
    #expect(site.record("e1.json").map { String(decoding: $0, as: UTF8.self) }?.contains(#""data":{"n":2}"#) == true)

    // A link can only be discarded, and nothing is wider than a telephone.
    let onlyTheLink = """
      document.querySelectorAll('#failures > li').length === 1
        && document.querySelector('#failures code').textContent.startsWith('eventdrop discard ')
        && document.querySelector('#failures .mend').textContent.startsWith('Remove it')
        && document.documentElement.scrollWidth === 390
      """
    #expect(try await browser.waits(until: onlyTheLink))
    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `Nothing is wider than a narrow telephone`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    site.tree.write(
      site.configuration.replacing("listen: ", with: "title: till-of-the-north-01.internal.example.com, listen: "),
      to: "config.yaml")
    let (program, port) = try await site.startWithPage()
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    site.drop("\(String(repeating: "x", count: 90)).json", #"{"type":"t"}"#)
    let browser = try await Browser(#require(Browser.path))
    try await browser.becomeTelephone(width: 320)
    try await browser.open("http://127.0.0.1:\(port)/")
    #expect(
      try await browser.waits(
        until: "document.querySelector('.day.has') && document.querySelectorAll('#failures > li').length === 1"
          + " && document.documentElement.scrollWidth === 320"))
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `Who stands in a list or has marked something stays there while events flow`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path))
    try await browser.open("http://127.0.0.1:\(port)/")
    let commands = "[...document.querySelectorAll('#failures code')].map((code) => code.textContent)"
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    site.drop("a.json", #"{"type":"t"}"#)
    site.drop("b.json", "nothing")
    let areThere = """
      \(commands).length === 2 && \(commands).every((line) => line.includes('--status failed'))
        && document.querySelector('a.day')
      """
    #expect(try await browser.waits(until: areThere))

    _ = try await browser.value(
      of: """
        window.button = [...document.querySelectorAll('#failures button')]
          .find((button) => button.previousSibling.textContent.includes('missing-event-id'));
        button.focus();
        getSelection().selectAllChildren(document.querySelector('#failures .message'));
        window.marked = getSelection().toString();
        """)
    site.drop("c.json", #"{"type":"t"}"#)
    site.drop("d.json", #"{"id":"late"}"#)
    #expect(
      try await browser.waits(
        until: "\(commands).length === 3 && button.closest('li').textContent.includes('c.json')"))
    let isUndisturbed = "document.activeElement === button && getSelection().toString() === marked"
    #expect(try await browser.waits(until: "marked.length > 5 && \(isUndisturbed)"))

    _ = try await browser.value(of: "window.link = document.querySelector('a.day'); link.focus()")
    site.drop("2.json", #"{"id":"e2","type":"t"}"#)
    #expect(try await browser.waits(until: "link.title.includes(': 2,')"))
    #expect(try await browser.waits(until: "document.activeElement === link"))

    // When an item disappears, focus moves to the heading.
    _ = try await browser.value(
      of: """
        [...document.querySelectorAll('#failures button')]
          .find((button) => button.previousSibling.textContent.includes('invalid-json')).focus()
        """)
    for name in ["b.json", "b.json.error"] where site.tree.names("failed").contains(name) {
      site.tree.remove("failed/\(name)")
    }
    #expect(try await browser.waits(until: "document.activeElement.id === 'failures-title'"))
    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `Who reads French reads why nothing is forwarded and what failed in French`() async throws {
    let site = try await Site(hasSink: false, admin: "'127.0.0.1:0'")
    site.tree.write(site.configuration + "\nretention: { schedule: '0 0 30 2 *' }\n", to: "config.yaml")
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path), language: "fr-FR")
    try await browser.open("http://127.0.0.1:\(port)/")
    site.drop("1.json", #"{"id":"e1","type":"t"}"#)
    site.drop("a.json", #"{"type":"t"}"#)
    let circuit = "document.getElementById('circuit')"
    let isReported = """
      !\(circuit).hidden && \(circuit).textContent.includes('le webhook est injoignable')
        && \(circuit).textContent.includes('vérifiez que n8n tourne')
        && document.querySelector('#state.bad')?.textContent === 'Intervention nécessaire'
      """
    #expect(try await browser.waits(until: isReported))
    // The system's own messages stay as they are, and are marked.
    #expect(try await browser.waits(until: "document.querySelector('#circuit-why [lang=en]')"))
    let isExplained = """
      document.documentElement.lang === 'fr'
        && document.getElementById('failures').textContent.includes('l’événement n’a pas d’eventId')
        && !document.getElementById('failures').textContent.includes('the event has no eventId')
      """
    #expect(try await browser.waits(until: isExplained))
    // Runs as frequent as these are always near; a time would be past before it is read. 30 February never comes.
    let isSoon =
      "/dépôt default.*dans un instant.*purge\u{A0}: jamais/.test(document.getElementById('facts').textContent)"
    #expect(try await browser.waits(until: isSoon))
    #expect(try await browser.waits(until: "document.querySelector('.day small')?.textContent.endsWith('o')"))
    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  @Test func `Each view has an address that leads to it, and each control says what it did`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path))
    for number in 1...30 { site.tree.write(#"{"x":\#(number)}"#, to: "inbox/\(number).json") }
    site.drop("e.json", #"{"id":"e1","type":"t"}"#)
    #expect(await site.waits { site.tree.names("failed").count == 60 })
    try await browser.open("http://127.0.0.1:\(port)/#events?status=failed")
    let isThere = """
      document.querySelectorAll('#results tbody tr').length === 30 && document.querySelector('#failures li')
        && Math.abs(document.getElementById('found').getBoundingClientRect().top) < innerHeight / 2
      """
    #expect(try await browser.waits(until: isThere))
    // A file without an eventId is opened by its place in the list, and has an address.
    _ = try await browser.value(of: "document.querySelector('#results a').click()")
    #expect(
      try await browser.waits(
        until: "location.hash.startsWith('#events?cursor=') && !document.getElementById('event').hidden"
          + " && document.getElementById('event-way').textContent.includes('missing-event-id')"))
    _ = try await browser.value(of: "location.hash = '#events?id=e1'")
    #expect(
      try await browser.waits(until: "document.getElementById('event-title').textContent.startsWith('e1')"))
    // If nothing may be written to the clipboard, the line is selected, and the page says so.
    _ = try await browser.value(
      of:
        "navigator.clipboard.writeText = async () => {}; window.copy = document.querySelector('#failures button'); copy.click()"
    )
    #expect(
      try await browser.waits(
        until: "copy.textContent === 'Copied' && copy.getAttribute('aria-label').startsWith('Copied: eventdrop')"))
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
    // Stale information is not shown as good.
    #expect(
      try await browser.waits(
        until: "document.querySelector('#state:not(.good)')?.textContent === 'eventdrop does not answer'"
          + " && document.querySelector('main.stale')"))
    // But it stays as legible as it was.
    #expect(
      try await browser.value(of: "getComputedStyle(document.querySelector('main > section')).opacity").contains(
        #""value":"1""#))
  }

  @Test func `A record that is too big or too deep is cut, with a link to all of it`() async throws {
    let site = try await Site(admin: "'127.0.0.1:0'")
    let (program, port) = try await site.startWithPage()
    let browser = try await Browser(#require(Browser.path))
    let zeros = Array(repeating: "0", count: 100_000).joined(separator: ",")
    let deep = String(repeating: "[", count: 400) + zeros + String(repeating: "]", count: 400)
    site.drop("1.json", #"{"id":"deep","type":"t","data":\#(deep)}"#)
    #expect(await site.waits { site.records == ["deep.json"] })
    try await browser.open("http://127.0.0.1:\(port)/#events?id=deep")
    let isCut = """
      !document.getElementById('event-record-cut').hidden
        && document.querySelector('#event-record-cut a').getAttribute('href') === 'api/events/deep/record'
        && document.getElementById('event-record').textContent.length < 300000
      """
    #expect(try await browser.waits(until: isCut))
    #expect(browser.problems == [])
    program.signal(SIGTERM)
    #expect(try await program.end().code == 0)
  }

  // MARK: Helpers

  /// A second inbox finds ids elsewhere.
  private func siteWithTill() async throws -> Site {
    let site = try await Site(admin: "'127.0.0.1:0'")
    site.tree.write(
      site.configuration.replacing(
        "  - path: inbox\n",
        with: "  - { name: till, path: till, schedule: every 50ms, settle: 20ms, eventId: [/receipt/number],"
          + " eventTypeDefault: SALE }\n  - path: inbox\n"),
      to: "config.yaml")
    return site
  }

  /// An expression: whether the list of failures has this command.
  private func isOffered(_ command: String) -> String {
    let quoted = command.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
    return "[...document.querySelectorAll('#failures code')].some((code) => code.textContent === '\(quoted)')"
  }

  /// The exit code of a command in a shell.
  private func run(_ command: String) async throws -> Int {
    let program = SpawnedProgram.path(of: "eventdrop")
    let folder = program[..<(program.lastIndex(of: "/") ?? program.endIndex)]
    return try await SpawnedProgram(
      ["-c", command], executable: "/bin/sh", environment: ["PATH": "\(folder):/usr/bin:/bin"]
    ).end().code
  }
}
