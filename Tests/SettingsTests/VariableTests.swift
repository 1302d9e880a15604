import EventStore
import Events
import Intake
import Logging
import Settings
import SystemPackage
import TestSupport
import Testing

@Suite(.tags(.fast)) struct VariableTests {
  @Test func `Variables and files stand for their texts, and are never taken for YAML`() throws {
    let configuration = try read(
      """
      forward:
        url: ${URL}
        auth: { header: { name: X-Key, value: "${file:key}" } }
      inboxes: [{ name: "${NAME:-shop}", eventTypeDefault: "$$5 ${EMPTY:-x}: $y $${EMPTY}$" }]
      log: { level: "${LEVEL}" }
      retention: { archive: "${EVIL}", keep: "${DAYS}d" }
      """,
      environment: [
        "URL": "https://n8n.example.com/webhook/e?token=secret", "LEVEL": "debug", "EMPTY": "", "DAYS": "7",
        "EVIL": "x\", keep: forever, a: [ ${URL} # $$",
      ],
      files: ["/etc/eventdrop/key": "k: [1 \n"])
    #expect(configuration.forward.url?.withoutPasswords == "https://n8n.example.com/webhook/e")
    #expect(configuration.inboxes[0].name == "shop")
    #expect(configuration.inboxes[0].options.mapping.eventTypeDefault == "$$5 x: $y $$")
    #expect(configuration.log.level == .debug)
    #expect(configuration.retention.archive == "x\", keep: forever, a: [ ${URL} # $$")
    #expect(configuration.store.keep == .seconds(7 * 86_400))
    #expect(configuration.forward.auth == .header(name: "X-Key", value: Secret("k: [1 ")))
  }

  @Test(arguments: [("k", "k"), ("k\n", "k"), ("k\r\n", "k"), ("k\n\n", "k\n"), ("\n", ""), ("", "")])
  func `One line break at a file's end is no part of its text`(file: String, expected: String) throws {
    let configuration = try read(
      "forward: { auth: { jwt: { secret: '${file:/run/key}' } } }", files: ["/run/key": file])
    #expect(configuration.forward.auth == (expected.isEmpty ? .none : .jwt(secret: Secret(expected), claims: [])))
  }

  @Test func `A byte order mark at a file's beginning is no part of its text`() throws {
    let files = ["/run/token": "\u{FEFF}t0ken\r\n"]
    #expect(
      try read("forward: { auth: { bearer: '${file:/run/token}' } }", files: files).forward.auth
        == .bearer(Secret("t0ken")))
  }

  @Test func `What is not written in values is left alone`() throws {
    #expect(try read("# ${NOPE}\nlog: {} # ${NOPE}\n") == .defaults(relativeTo: "/etc/eventdrop"))
    #expect(problems("'${X}': 1", environment: ["X": "log"]).first?.hasPrefix("1:1: unknown key '${X}'") == true)
    // A file is looked for next to the configuration.
    #expect(
      try read("log: { level: '${file:../l/x}' }", files: ["/etc/l/x": "debug\n"]).log.level == .debug)
  }

  @Test func `The webhook's own variables serve where the file has no key`() throws {
    let environment = ["N8N_WEBHOOK_URL": "http://n8n:5678/webhook/x", "N8N_WEBHOOK_TOKEN": "t"]
    for yaml in ["", "forward: { timeout: 5s }", String(decoding: shippedFile, as: UTF8.self)] {
      let forward = try read(yaml, environment: environment).forward
      #expect(forward.url?.withoutPasswords == "http://n8n:5678/webhook/x")
      #expect(forward.auth == .bearer(Secret("t")))
    }
    #expect(
      try read("forward: { url: null, auth: {} }", environment: environment) == .defaults(relativeTo: "/etc/eventdrop"))
    #expect(
      try read("forward: { auth: { basic: { user: u, password: p } } }", environment: environment).forward.auth
        == .basic(user: "u", password: Secret("p")))
    #expect(
      problems("log: {}", environment: ["N8N_WEBHOOK_URL": "n8n:5678", "N8N_WEBHOOK_TOKEN": "a\nb"]) == [
        "1:1: forward.url: expected an address such as https://n8n.example.com/webhook/events, but it has no"
          + " scheme, in the value of '${N8N_WEBHOOK_URL}'",
        "1:1: forward.auth.bearer: expected a token in one line, in the value of '${N8N_WEBHOOK_TOKEN}'",
      ])
  }

  @Test(arguments: [
    ("${NOPE}", "the environment variable 'NOPE' is not set; set it, or write ${NOPE:-default}"),
    (
      "a ${",
      "'${' has no '}' behind it; write ${NAME}, or put a text that has '${' in it into a file, and write ${file:PATH}"
    ),
    ("${}", "'${}' is not understood; write ${NAME}, ${NAME:-default} or ${file:PATH}"),
    ("${1A}", "'${1A}' is not understood; write ${NAME}, ${NAME:-default} or ${file:PATH}"),
    ("${A-B}", "'${A-…}' is not understood; write ${NAME}, ${NAME:-default} or ${file:PATH}"),
    ("${NOPE:-${ALSO}}", "'${NOPE:-…}' contains another reference; only plain text can follow ':-'"),
    ("${file:}", "'${file:PATH}' needs the path of a file"),
    ("${file:none}", "the file 'none' cannot be read: No such file or directory"),
  ])
  func `A reference that leads nowhere is reported`(text: String, expected: String) {
    #expect(problems("retention:\n  archive: '\(text)'") == ["2:12: retention.archive: \(expected)"])
  }

  @Test func `What comes from outside is checked as any value, and not shown`() {
    let environment = ["T": "hunter2", "E": ""]
    #expect(
      problems(
        """
        forward: { timeout: "${T}", format: "x${T}", batch: { maxBytes: "${T}" } }
        timezone: ${T}
        inboxes: [{ include: "[${T}", eventId: "${T}", schedule: "${T}", path: "${E}" }]
        standby: ${T}
        log: { level: "${file:l}" }
        """, environment: environment, files: ["/etc/eventdrop/l": "hunter2"]) == [
          "1:21: forward.timeout: expected a duration such as 2s, 5m or 1h, but the value of '${T}' is not one",
          "1:37: forward.format: expected envelope, array or single, but the value of '${T}' is not one",
          "1:65: forward.batch.maxBytes: expected a size such as 512KiB, 1MiB or a number of bytes, but the value of"
            + " '${T}' is not one",
          "2:11: timezone: expected a time zone such as Europe/Paris, but the value of '${T}' is not one",
          "3:22: inboxes[].include: this pattern of file names matches nothing: its '[' has no ']'; a '[' of its own is"
            + " written '[[]', in the value of '${T}'",
          "3:40: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, but the value of"
            + " '${T}' is not one",
          "3:58: inboxes[].schedule: expected a schedule such as 'every 5s' or '0 3 * * *', but the value of '${T}' is"
            + " not one",
          "3:72: inboxes[].path: a path must not be empty, in the value of '${E}'",
          "4:10: standby: expected true or false, but the value of '${T}' is not one",
          "5:15: log.level: expected trace, debug, info, notice, warning, error or critical, but the value of"
            + " '${file:l}' is not one",
        ])
  }

  @Test func `A variable that stands for nothing is no mistake where there can be none`() throws {
    #expect(try read("admin: { token: '${E}' }", environment: ["E": ""]).admin.token == nil)
    #expect(try read("retention: { archive: '${N}' }", environment: ["N": "null"]).retention.archive == "null")
  }
}
