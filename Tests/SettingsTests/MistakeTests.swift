import Settings
import SystemPackage
import TestSupport
import Testing

@Suite(.tags(.fast)) struct MistakeTests {
  @Test func `All mistakes are reported at once, in the order of their places, each with what would be right`() {
    let found = problems(
      """
      inboxs: []
      forward:
        shedule: every 2s
        timeout: [10s]
        batch: { maxEvents: 0 }
        attempts: many
      processed:
        timezone: Europe/Pariss
        durability: Group
      standby: yes
      """)
    #expect(
      found == [
        "1:1: unknown key 'inboxs'; did you mean 'inboxes'?",
        "3:3: unknown key 'shedule'; did you mean 'schedule'?",
        "4:12: forward.timeout: expected a duration such as 2s, 5m or 1h, not a list",
        "5:23: forward.batch.maxEvents: expected a whole number from 1 to 10000, not '0'",
        "6:13: forward.attempts: expected a whole number from 1 to 1000, not 'many'",
        "8:13: processed.timezone: unknown time zone 'Europe/Pariss'; did you mean 'Europe/Paris'?",
        "9:15: processed.durability: expected group, each or off, not 'Group'; did you mean 'group'?",
        "10:10: standby: expected true or false, not 'yes'; write true",
      ])
  }

  @Test func `The description names the file as the user did, a line for each mistake`() {
    do {
      _ = try Configuration(
        yaml: Array("a: 1\nb: 2\n".utf8), file: "../etc/eventdrop.yaml", folder: "/etc", environment: [:],
        readFile: { _ in [] })
      Issue.record("it was taken")
    } catch {
      let lines = error.description.split(separator: "\n")
      #expect(lines.count == 2)
      #expect(lines[0].hasPrefix("../etc/eventdrop.yaml:1:1: unknown key 'a'"))
      #expect(lines[1].hasPrefix("../etc/eventdrop.yaml:2:1: unknown key 'b'"))
    }
  }

  @Test(arguments: [
    ("inboxes: [{ Path: x }]", "1:13: unknown key 'Path'; did you mean 'path'?"),
    ("forward: { batch: { max_events: 3 } }", "1:21: unknown key 'max_events'; did you mean 'maxEvents'?"),
    ("durability: off", "1:1: unknown key 'durability'; did you mean 'processed.durability'?"),
    ("log: { colour: red }", "1:8: unknown key 'colour'; there are level, levels, format"),
    ("log: { '': x }", "1:8: unknown key ''; there are level, levels, format"),
    ("log: { é: x, level: x }", "1:8: unknown key 'é'; there are level, levels, format"),
    (
      "# ü\nlog: { level: ü }",
      "2:15: log.level: expected trace, debug, info, notice, warning, error or critical, not 'ü'"
    ),
    (
      "'é': { é: é }  # é\n",
      "1:1: unknown key 'é'; there are inboxes, folders, processed, forward, retry, retention, timezone, shutdownGrace, standby, admin, notify, fleet, language, log"
    ),
  ])
  func `An unknown key is reported with the nearest one that there is`(yaml: String, expected: String) {
    #expect(problems(yaml).contains(expected), "\(problems(yaml))")
  }

  @Test(
    arguments: [
      ("standby: True", "1:10: standby: expected true or false, not 'True'; write true"),
      ("standby: off", "1:10: standby: expected true or false, not 'off'; write false"),
      ("standby: 1", "1:10: standby: expected true or false, not '1'"),
      ("standby: { a: b }", "1:10: standby: expected true or false, not a mapping"),
      (
        "shutdownGrace: 10",
        "1:16: shutdownGrace: expected a duration such as 2s, 5m or 1h, not '10'; if these are seconds, write 10s"
      ),
      ("shutdownGrace: -1s", "1:16: shutdownGrace: expected a duration such as 2s, 5m or 1h, not '-1s'"),
      ("shutdownGrace: 2h", "1:16: shutdownGrace: expected a duration from 0s to 1h, not '2h'"),
      (
        "shutdownGrace: 99999999999999999999s",
        "1:16: shutdownGrace: expected a duration such as 2s, 5m or 1h, not '99999999999999999999s'"
      ),
      ("forward: { batch: { maxBytes: 1 MB } }", nil),
      (
        "forward: { batch: { maxBytes: 1 mb } }",
        "1:31: forward.batch.maxBytes: expected a size such as 512KiB, 1MiB or a number of bytes, not '1 mb'; write 1MiB"
      ),
      (
        "forward: { batch: { maxBytes: 1GiB } }",
        "1:31: forward.batch.maxBytes: expected a size from 1 to 256MiB, not '1GiB'"
      ),
      (
        "forward: { batch: { maxBytes: 9223372036854775807GiB } }",
        "1:31: forward.batch.maxBytes: expected a size such as 512KiB, 1MiB or a number of bytes, not '9223372036854775807GiB'"
      ),
      ("forward: { concurrency: 1.5 }", "1:25: forward.concurrency: expected a whole number from 1 to 64, not '1.5'"),
      (
        "forward: { concurrency: 99999999999999999999 }",
        "1:25: forward.concurrency: expected a whole number from 1 to 64, not '99999999999999999999'"
      ),
      (
        "forward: { format: evelope }",
        "1:20: forward.format: expected envelope, array or single, not 'evelope'; did you mean 'envelope'?"
      ),
      (
        "forward: { backoff: { first: 2m } }",
        "1:30: forward.backoff.first: the first wait, 2m, is longer than the longest, 30s; set both 'first' and 'max'"
      ),
      (
        "retry: { backoff: { max: 1s } }",
        "1:26: retry.backoff.max: the first wait, 30s, is longer than the longest, 1s; set both 'first' and 'max'"
      ),
      ("forward: 3", "1:10: forward: expected keys and values, such as 'url: …', not a single value"),
      ("forward: [a]", "1:10: forward: expected keys and values, such as 'url: …', not a list"),
      (
        "folders: { mode: \"0999\" }",
        "1:18: folders.mode: expected permissions in octal digits, such as \"0750\", not '0999'"
      ),
      (
        "folders: { mode: 488 }",
        "1:18: folders.mode: expected permissions in octal digits, such as \"0750\", not '488'"
      ),
      (
        "folders: { mode: 0550 }",
        "1:18: folders.mode: the owner needs all rights in the folders, so permissions are \"0700\" to \"0777\""
      ),
      ("folders: { mode: 2770 }", "1:18: folders.mode: permissions go up to \"0777\""),
      (
        "timezone: ../../etc/passwd",
        "1:11: timezone: unknown time zone '../../etc/passwd'; write a name such as Europe/Paris"
      ),
      ("retention: { keep: 1h }", "1:20: retention.keep: expected a duration from 1d to 36500d, not '1h'"),
      (
        "retention: { keep: 30 }",
        "1:20: retention.keep: expected a duration such as 30d, or forever, not '30'; if these are days, write 30d"
      ),
      (
        "retention: { keep: ever }",
        "1:20: retention.keep: expected a duration such as 30d, or forever, not 'ever'; write forever, if that is meant"
      ),
      (
        "retry: { schedule: '61 * * * *' }",
        "1:20: retry.schedule: the minute '61' is out of range: it goes from 0 to 59"
      ),
      (
        "retry: { schedule: [every 5s, every 0s] }",
        "1:31: retry.schedule: 'every 0s': what follows 'every' is a duration greater than zero, such as 5s, 10m or 1d"
      ),
      (
        "retry: { schedule: [] }",
        "1:20: retry.schedule: this list must not be empty; expected a schedule such as 'every 5s' or '0 3 * * *'"
      ),
      (
        "retry: { schedule: { every: 5s } }",
        "1:20: retry.schedule: expected a schedule such as 'every 5s' or '0 3 * * *', or a list of these, not a mapping"
      ),
    ] as [(String, String?)])
  func `A value of the wrong kind or out of range is reported with its place`(yaml: String, expected: String?) {
    #expect(problems(yaml) == (expected.map { [$0] } ?? []))
  }

  @Test(arguments: [
    ("inboxes: {}", "1:10: inboxes: expected a list of inboxes, each with a '-' before it, not a mapping"),
    ("inboxes: []", "1:10: inboxes: there must be at least one inbox"),
    ("inboxes: [a]", "1:11: inboxes[]: expected keys and values, such as 'name: …', not a single value"),
    (
      "inboxes: [{ name: a/b }]",
      "1:19: inboxes[].name: expected a name of 1 to 64 letters, digits, '.', '_' and '-' that does not begin with '.', not 'a/b'"
    ),
    (
      "inboxes: [{ name: .a }]",
      "1:19: inboxes[].name: expected a name of 1 to 64 letters, digits, '.', '_' and '-' that does not begin with '.', not '.a'"
    ),
    (
      "inboxes: [{ name: '' }]",
      "1:19: inboxes[].name: expected a name of 1 to 64 letters, digits, '.', '_' and '-' that does not begin with '.', not ''"
    ),
    ("inboxes: [{ path: '' }]", "1:19: inboxes[].path: a path must not be empty"),
    (
      "inboxes: [{ path: ~/in }]",
      "1:19: inboxes[].path: '~' is not replaced here; write the full path, or use ${HOME}"
    ),
    ("inboxes: [{ marker: a/b }]", "1:21: inboxes[].marker: expected the ending of a name, such as .done, not 'a/b'"),
    (
      "inboxes: [{ charset: \"utf 8\" }]",
      "1:22: inboxes[].charset: expected the name of a character set, such as utf-8, windows-1252 or utf-16, not 'utf 8'"
    ),
    (
      "inboxes: [{ eventId: id }]",
      "1:22: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not 'id'; write /id"
    ),
    (
      "inboxes: [{ eventId: [/a, /b~2] }]",
      "1:27: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not '/b~2'; '~' is written ~0 in it, and a '/' inside a name ~1"
    ),
    (
      "inboxes: [{ eventId: '@file' }]",
      "1:22: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not '@file'; did you mean '@filename'?"
    ),
    (
      "inboxes: [{ eventId: '@filname' }]",
      "1:22: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not '@filname'; did you mean '@filename'?"
    ),
    (
      "inboxes: [{ eventId: '' }]",
      "1:22: inboxes[].eventId: \"\" means the whole event, which is not a text; name a member"
    ),
    (
      "inboxes: [{ data: '@filename' }]", "1:19: inboxes[].data: expected a JSON Pointer such as /data, not '@filename'"
    ),
    (
      "inboxes: [{ include: [] }]",
      "1:22: inboxes[].include: this list must not be empty; expected a pattern such as *.json"
    ),
    (
      "inboxes: [{ include: ['*.json', '[a.json'] }]",
      "1:33: inboxes[].include: the pattern '[a.json' is invalid: its '[' has no ']'; a '[' of its own is written '[[]'"
    ),
    ("inboxes: [{ include: [{}] }]", "1:23: inboxes[].include: expected a pattern such as *.json, not a mapping"),
    (
      "inboxes:\n- name: a\n  path: a\n- name: a\n  path: b",
      "4:9: inboxes[].name: the inbox in line 2 has the name 'a' too; each needs a name of its own"
    ),
  ])
  func `A mistake in an inbox is reported with its place`(yaml: String, expected: String) {
    #expect(problems(yaml) == [expected])
  }

  @Test(arguments: [
    ("inboxes: [{ eventId: event.id }]", "; write /event/id"),
    ("inboxes: [{ eventId: '$.event.id' }]", "; write /event/id"),
    ("inboxes: [{ eventId: 'lines[0].id' }]", "; write /lines/0/id"), ("inboxes: [{ data: .data }]", "; write /data"),
    ("inboxes: [{ eventId: '{{ $json.order.id }}' }]", "; write /order/id"),
    ("inboxes: [{ schedule: 5s }]", "; write 'every 5s'"),
    ("inboxes: [{ schedule: '@every 5m' }]", "; write 'every 5m'"),
    ("inboxes: [{ schedule: every 5 minutes }]", "; write 'every 5m'"),
    ("inboxes: [{ schedule: 0 0 3 * * * }]", "; without seconds, write '0 3 * * *'"),
    ("inboxes: [{ schedule: 0 3 ? * * }]", "; write '0 3 * * *'"),
    ("forward: { timeout: 10 sec }", "; write 10s"), ("forward: { timeout: 2 minutes }", "; write 2m"),
    ("forward: { batch: { maxBytes: 1M } }", "; write 1MiB"), ("log: { level: warn }", "; did you mean 'warning'?"),
    ("inboxes: [{ settle: 2 }]", "; if these are seconds, write 2s"), ("admin: { actions: true }", "; write on"),
    ("retention: { identities: 400 }", "; if these are days, write 400d"),
    ("forward: { auth: { token: x } }", "; did you mean 'bearer'?"),
    ("inboxes: [{ charset: ansi }]", "; write windows-1252, if that is meant"),
  ])
  func `Advice names what was meant, and works when it is followed to the letter`(yaml: String, hint: String) throws {
    let found = problems(yaml)
    #expect(found.count == 1)
    #expect(found.first?.hasSuffix(hint) == true, "\(found)")
  }

  @Test(arguments: [
    "inboxes: [{ path: inbox }, { name: \"odd \\\"name\\\" é\", path: in2 }]",
    "inboxes: [{ path: inbox }, { nmae: till, path: in2 }]", "inboxes: [{ name: a }, { name: b, pth: in2 }]",
    "inboxes: [{ name: a, path: [x] }, { name: b, path: inbox }]", "inboxes: 3\nfolders: { state: inbox }",
    "inboxs: [{ path: in }]\nfolders: { state: inbox }", "inboxes: [a, { name: b }]",
    "folders: 3\ninboxes: [{ path: processed }]", "foldrs: { failed: x }\ninboxes: [{ path: failed }]",
    "folders: { failed: [x] }\ninboxes: [{ path: failed }]", "forward: { backoff: { first: 2x, max: 500ms } }",
    "forward: { backoff: { frist: 100ms, max: 500ms } }", "retry: { backoff: { first: 2h, max: long } }",
    "forward: { tls: { certificate: [c], key: k } }", "forward: { tls: { certifcate: c, key: k } }",
    "forward: { auth: { basic: { usr: u, password: p } } }", "admin: { listen: 0.0.0.0:80, tokn: x }",
    "admin: { listen: 0.0.0.0:80, token: [x] }", "admin: 3", "forward: { url: 'http://u:p@h/', auth: { bearer: [t] } }",
    "notify: { mail: { to: x, from: a@b, smtp: c } }",
  ])
  func `One mistake brings one message`(yaml: String) {
    #expect(problems(yaml).count == 1, "\(problems(yaml))")
  }

  @Test(
    arguments: [
      (
        "inboxes: [{ name: a, path: x }, { name: b, path: ./x/ }]",
        "1:50: inboxes[].path: this folder is that of the inbox 'a'; each needs a folder of its own"
      ),
      (
        "inboxes: [{ name: a, path: x }, { name: b, path: x/y }]",
        "1:50: inboxes[].path: this folder lies inside that of the inbox 'a'; each needs a folder of its own"
      ),
      (
        "inboxes: [{ name: a, path: x/y }, { name: b, path: x }]",
        "1:52: inboxes[].path: this folder contains that of the inbox 'a'; each needs a folder of its own"
      ),
      ("inboxes: [{ name: a, path: xy }, { name: b, path: x }]", nil),
      (
        "inboxes: [{ path: . }]",
        "1:19: inboxes[].path: this folder contains that of folders.processed, which is at its default; each needs a folder of its own"
      ),
      (
        "inboxes: [{ path: processed }]",
        "1:19: inboxes[].path: this folder is that of folders.processed, which is at its default; each needs a folder of its own"
      ),
      (
        "inboxes: [{ path: state/in }]",
        "1:19: inboxes[].path: this folder lies inside that of folders.state, which is at its default; each needs a folder of its own"
      ),
      (
        "folders: { failed: retry/failed }",
        "1:20: folders.failed: this folder lies inside that of folders.retry, which is at its default; each needs a folder of its own"
      ),
      (
        "folders: { retry: failed }",
        "1:19: folders.retry: this folder is that of folders.failed, which is at its default; each needs a folder of its own"
      ),
      (
        "folders: { state: /etc/eventdrop/inbox }",
        "1:19: folders.state: this folder is that of the inbox 'default', which is at its default; each needs a folder of its own"
      ),
    ] as [(String, String?)])
  func `Folders that are in each other's way are reported`(yaml: String, expected: String?) {
    #expect(problems(yaml).prefix(1) == (expected.map { [$0] } ?? []))
  }
}
