import Events
import Settings
import TestSupport
import Testing
import Time

/// What well-meaning people write, and what `check` says: where it is, what is wrong, and what to write.
@Suite(.tags(.fast)) struct NaturalMistakeTests {
  static let mistakes: [(yaml: String, said: [String])] = [
    (
      "forward:\n\turl: https://n8n.example.com/webhook/x",
      ["2:1: this is not YAML: a tab is used here; indent with spaces, not with a tab"]
    ),
    (
      "timezone:UTC",
      ["1:1: a configuration is keys and values, such as 'timezone: UTC', not a single value; write a space after ':'"]
    ),
    (
      "log:\n  level:debug",
      ["2:3: log: expected keys and values, such as 'level: …', not a single value; write a space after ':'"]
    ),
    ("log: { level:debug }", ["1:8: unknown key; write a space after ':'"]),
    (
      "log:\n\u{A0}\u{A0}level: debug",
      ["2:1: unknown key; a space before it is not a plain one, and YAML indents with plain spaces only"]
    ),
    (
      "inboxes:\n  - name: a\n   path: in",
      [
        "3:4: this is not YAML: a '-' is expected here, as before the other items of this list; indent the keys of one item alike"
      ]
    ),
    (
      "inboxes:\n  - include: *.json",
      ["2:14: this is not YAML: a value that begins with '*' must be in quotes, as in \"*.json\" or \"*/5 * * * *\""]
    ),
    (
      "retry:\n  schedule: */5 * * * *",
      ["2:13: this is not YAML: a value that begins with '*' must be in quotes, as in \"*.json\" or \"*/5 * * * *\""]
    ),
    (
      "retry: { schedule: * * * * * }",
      ["1:20: this is not YAML: a value that begins with '*' must be in quotes, as in \"*.json\" or \"*/5 * * * *\""]
    ),
    (
      "inboxes: [{ eventId: @filename }]",
      ["1:22: this is not YAML: a value that begins with '@' must be in quotes, as in \"@filename\""]
    ),
    ("inboxes:\n  - eventIdPrefix: %shop", ["2:20: this is not YAML: a value that begins with '%' must be in quotes"]),
    ("inboxes:\n  - eventIdPrefix: !shop:", ["2:20: a tag, '!' and a name, is not understood here; remove it"]),
    (
      "admin:\n  title: \"The shop\n  listen: off\n",
      ["2:10: this is not YAML: the quote that opens here is never closed; put the same one at the end of the value"]
    ),
    (
      "admin:\n  title: till: north",
      [
        "2:14: this is not YAML: a ':' is not allowed here; put a value that contains ': ' in quotes, and indent keys that belong together alike"
      ]
    ),
    (
      "inboxes: [{ include: [\"*.json\", \"*.jsonl\" }]",
      [
        "1:43: this is not YAML: a ',' or the ']' of a list is missing before this; put values that contain brackets or quotes in quotes"
      ]
    ),
    (
      "log: { level: info",
      [
        "2:1: this is not YAML: a ',' or the '}' of a mapping is missing before this; put values that contain brackets or quotes in quotes"
      ]
    ),
    (
      "admin: { title: \"C:\\dir\" }",
      [
        "1:20: this is not YAML: in double quotes, '\\' and what follows it stand for another character; write it twice, or use single quotes"
      ]
    ),
    ("log: { level: info }\nlog: { format: json }", ["2:1: this key is already in line 1; remove one of the two"]),
    ("inbox: { path: in }", ["1:1: unknown key 'inbox'; did you mean 'inboxes'?"]),
    ("inboxes: in", ["1:10: inboxes: expected a list of inboxes, each with a '-' before it, not a single value"]),
    ("inboxes:\n  path: in", ["2:3: inboxes: expected a list of inboxes, each with a '-' before it, not a mapping"]),
    ("inboxes: [in]", ["1:11: inboxes[]: expected keys and values, such as 'name: …', not a single value"]),
    (
      "inboxes: [{ path: a }, { path: b }]",
      ["1:24: inboxes[].name: the inbox in line 1 has the name 'default' too; each needs a name of its own"]
    ),
    ("inboxes: [{ folder: in }]", ["1:13: unknown key 'folder'; did you mean 'path'?"]),
    (
      "inboxes: [{ path: ~/in }]",
      ["1:19: inboxes[].path: '~' is not replaced here; write the full path, or use ${HOME}"]
    ),
    (
      "inboxes: [{ path: sftp://till.example.com/out }]",
      ["1:19: inboxes[].path: this is an address; a path on this machine is needed, such as /srv/sftp/orders"]
    ),
    (
      "inboxes: [{ path: state }]",
      [
        "1:19: inboxes[].path: this folder is that of folders.state, which is at its default; each needs a folder of its own"
      ]
    ),
    (
      "inboxes: [{ settle: 2 }]",
      ["1:21: inboxes[].settle: expected a duration such as 2s, 5m or 1h, not '2'; if these are seconds, write 2s"]
    ),
    (
      "inboxes: [{ schedule: every 5 minutes }]",
      [
        "1:23: inboxes[].schedule: 'every 5 minutes': what follows 'every' is a duration greater than zero, such as 5s, 10m or 1d; write 'every 5m'"
      ]
    ),
    (
      "inboxes: [{ schedule: 5s }]",
      [
        "1:23: inboxes[].schedule: '5s' has 1 field; a cron expression has five: minute, hour, day of the month, month, day of the week; write 'every 5s'"
      ]
    ),
    (
      "retention: { schedule: 0 0 3 * * * }",
      ["1:24: retention.schedule: '0 0 3 * * *' has six fields; without seconds, write '0 3 * * *'"]
    ),
    (
      "inboxes: [{ eventId: order.id }]",
      [
        "1:22: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not 'order.id'; write /order/id"
      ]
    ),
    (
      "inboxes: [{ eventId: $.id }]",
      [
        "1:22: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not '$.id'; write /id"
      ]
    ),
    (
      "inboxes: [{ eventType: RECEIPT }]",
      [
        "1:24: inboxes[].eventType: expected a JSON Pointer such as /eventType, @filename or @sha256, not 'RECEIPT'; if all events are of this type, write eventTypeDefault: RECEIPT"
      ]
    ),
    (
      "inboxes: [{ charset: ANSI }]",
      [
        "1:22: inboxes[].charset: 'ANSI' is not a character set that this system knows; write windows-1252, if that is meant"
      ]
    ),
    (
      "inboxes: [{ include: '*.{json,jsonl}' }]",
      [
        "1:22: inboxes[].include: the pattern '*.{json,jsonl}' is invalid: '{a,b}' is not understood; write a list with a pattern for each"
      ]
    ),
    (
      "inboxes: [{ maxFileSize: 10M }]",
      ["1:26: inboxes[].maxFileSize: expected a size such as 512KiB, 1MiB or a number of bytes, not '10M'; write 10MiB"]
    ),
    ("timezone: Pariss", ["1:11: timezone: unknown time zone 'Pariss'; write a name such as Europe/Paris"]),
    (
      "timezone: “Europe/Paris”",
      [
        "1:11: timezone: unknown time zone '“Europe/Paris”'; write a name such as Europe/Paris; these quotes are part of the text: write plain ones, \" or '"
      ]
    ),
    ("standby: yes", ["1:10: standby: expected true or false, not 'yes'; write true"]),
    (
      "folders: { mode: rwxr-x--- }",
      ["1:18: folders.mode: expected permissions in octal digits, such as \"0750\", not 'rwxr-x---'"]
    ),
    (
      "folders: { mode: \"0640\" }",
      ["1:18: folders.mode: the owner needs all rights in the folders, so permissions are \"0700\" to \"0777\""]
    ),
    (
      "forward: https://n8n.example.com/webhook/x",
      ["1:10: forward: expected keys and values, such as 'url: …', not a single value"]
    ),
    ("webhook: https://n8n.example.com/webhook/x", ["1:1: unknown key 'webhook'; did you mean 'forward.url'?"]),
    (
      "forward: { url: n8n.example.com/webhook/x }",
      [
        "1:17: forward.url: expected an address such as https://n8n.example.com/webhook/events, but it has no scheme"
      ]
    ),
    (
      "forward: { auth: Bearer abc }",
      ["1:18: forward.auth: expected keys and values, such as 'bearer: …', not a single value"]
    ),
    ("forward: { auth: { token: abc } }", ["1:20: unknown key; did you mean 'bearer'?"]),
    (
      "forward: { auth: { bearer: a, basic: { user: u, password: p } } }",
      ["1:18: forward.auth: choose one of bearer and basic: a request can have one authentication"]
    ),
    (
      "forward: { url: \"${N8N_URL}\" }",
      [
        "1:17: forward.url: the environment variable named here is not set; set it, or write ${NAME:-} if it is optional"
      ]
    ),
    (
      "admin: { title: \"${SHOP-till}\" }",
      ["1:17: admin.title: '${SHOP-…}' is not understood; write ${NAME}, ${NAME:-default} or ${file:PATH}"]
    ),
    ("forward: { batchSize: 50 }", ["1:12: unknown key 'batchSize'; did you mean 'batch.maxEvents'?"]),
    (
      "forward: { batch: 50 }",
      ["1:19: forward.batch: expected keys and values, such as 'maxEvents: …', not a single value"]
    ),
    (
      "forward: { timeout: 10 seconds }",
      ["1:21: forward.timeout: expected a duration such as 2s, 5m or 1h, not '10 seconds'; write 10s"]
    ),
    ("forward: { retries: 3 }", ["1:12: unknown key 'retries'; did you mean 'attempts'?"]),
    ("forward: { format: json }", ["1:20: forward.format: expected envelope, array or single, not 'json'"]),
    (
      "forward: { tls: { key: k.pem } }",
      ["1:24: forward.tls.key: a certificate needs its key, and a key its certificate; set both"]
    ),
    ("retention: 30d", ["1:12: retention: expected keys and values, such as 'keep: …', not a single value"]),
    (
      "retention: { keep: 30 }",
      ["1:20: retention.keep: expected a duration such as 30d, or forever, not '30'; if these are days, write 30d"]
    ),
    (
      "retention: { keep: never }",
      [
        "1:20: retention.keep: expected a duration such as 30d, or forever, not 'never'; write forever, if that is meant"
      ]
    ),
    (
      "retention: { archive: { command: keep, environment: [TOKEN=abc] } }",
      [
        "1:54: retention.archive.environment: only names of variables belong here, such as AWS_PROFILE; remove the '=' and what follows, and set the variable where eventdrop itself gets its environment"
      ]
    ),
    ("log: debug", ["1:6: log: expected keys and values, such as 'level: …', not a single value"]),
    (
      "log: { level: warn }",
      [
        "1:15: log.level: expected trace, debug, info, notice, warning, error or critical, not 'warn'; did you mean 'warning'?"
      ]
    ),
    ("admin: { port: 8641 }", ["1:10: unknown key 'port'; did you mean 'listen'?"]),
    (
      "admin: { listen: 8641 }",
      ["1:18: admin.listen: expected an address such as 127.0.0.1:8641, or off, not '8641'; write 127.0.0.1:8641"]
    ),
    (
      "admin: { listen: 0.0.0.0:8641 }",
      [
        "1:18: admin.listen: other machines can reach this address, so admin.token must be set; or listen on 127.0.0.1:8641"
      ]
    ),
    (
      "notify: { mail: ops@example.com }",
      ["1:17: notify.mail: expected keys and values, such as 'to: …', not a single value"]
    ),
    (
      "notify: { mail: { to: ops@example.com } }",
      [
        "1:17: notify.mail: an address is needed in 'from' as well",
        "1:17: notify.mail: a server is needed in 'smtp' as well, such as smtp://mail.example.com:587",
      ]
    ),
    ("language: german", ["1:11: language: expected en or fr, not 'german'"]),
    (
      "fleet: { url: mysql://db.example.com/eventdrop }",
      [
        "1:15: fleet.url: expected an address such as postgresql://user@db.example.com/eventdrop, but its scheme is not postgresql or postgres"
      ]
    ),
    (
      "fleet: { url: postgressql://db.example.com/eventdrop }",
      [
        "1:15: fleet.url: expected an address such as postgresql://user@db.example.com/eventdrop, but its scheme is not postgresql or postgres"
      ]
    ),
    (
      "fleet: { url: db.example.com/eventdrop }",
      [
        "1:15: fleet.url: expected an address such as postgresql://user@db.example.com/eventdrop, but it has no scheme"
      ]
    ),
    (
      "fleet: { url: 'postgresql://u:p@ss@db.example.com/eventdrop' }",
      [
        "1:15: fleet.url: expected an address such as postgresql://user@db.example.com/eventdrop, but there is an '@' in it that ends no user and password; in a password, write %40 for '@' and %2F for '/'"
      ]
    ),
    (
      "fleet: { url: postgresql://u@db.example.com:54320000/eventdrop }",
      [
        "1:15: fleet.url: expected an address such as postgresql://user@db.example.com/eventdrop, but its port is not a number from 1 to 65535"
      ]
    ),
    (
      "inboxes: [{ eventId: '#/id' }]",
      [
        "1:22: inboxes[].eventId: expected a JSON Pointer such as /eventId, @cloudevent, @filename or @sha256, not '#/id'; write /id"
      ]
    ),
    // What cannot be seen.
    (
      "log: { level: info\u{200B} }",
      [
        "1:15: log.level: expected trace, debug, info, notice, warning, error or critical, not 'info\\u{200b}'; it contains an invisible character, U+200B: delete it"
      ]
    ),
    (
      "log: { \u{200B}level: info }",
      ["1:8: unknown key; it contains an invisible character, U+200B: delete it"]
    ),
    (
      "log:\n  level:\u{A0}debug",
      [
        "2:3: log: expected keys and values, such as 'level: …', not a single value; it contains a space that is U+00A0, not a plain one: type that space again"
      ]
    ),
    (
      "forward: { timeout: 10s\u{A0}# of a request\n }",
      [
        "1:21: forward.timeout: expected a duration such as 2s, 5m or 1h, not '10s\u{A0}# of a request'; it contains a space that is U+00A0, not a plain one: type that space again"
      ]
    ),
    (
      "forward: { url: \"https://n8n.example.net/webhook/x\u{200B}\" }",
      [
        "1:17: forward.url: expected an address such as https://n8n.example.com/webhook/events, but it contains a character that must be percent-encoded, such as %20 for a space; it contains an invisible character, U+200B: delete it"
      ]
    ),
    (
      "retry: { backoff: { first: 2h } }",
      ["1:28: retry.backoff.first: the first wait, 2h, is longer than the longest, 1h; set both 'first' and 'max'"]
    ),
  ]

  @Test(arguments: mistakes)
  func `Each is reported with its place, what is wrong and what to write`(yaml: String, said: [String]) {
    #expect(problems(yaml) == said)
  }

  @Test func `There are fifty of them at least`() { #expect(Self.mistakes.count >= 50) }

  /// What is valid, and what `check` warns of; `OperatorCommandTests` has more of these.
  static let doubtful: [(yaml: String, said: [String])] = [
    (
      "retention: { schedule: '* 3 * * *' }",
      [
        "1:24: retention.schedule: '* 3 * * *' is due every minute of that hour; write '0 3 * * *' if it should be due once"
      ]
    ),
    ("inboxes: [{ schedule: '* 8-18 * * *' }]", []),
    (
      "retention: { schedule: 0 3 1 * 1 }",
      [
        "1:24: retention.schedule: '0 3 1 * 1' is due on these days of the month, and on these days of the week as well; write * for one of them, unless both are meant"
      ]
    ),
    (
      "inboxes: [{ schedule: every 1h, silentAfter: 30m }]",
      [
        "1:46: inboxes[].silentAfter: the inbox is looked at with pauses of up to 1h, so it is reported as silent between two looks; set a longer time"
      ]
    ),
    (
      "inboxes: [{ schedule: '0 8 * * 1-5', silentAfter: 2d }]",
      [
        "1:51: inboxes[].silentAfter: the inbox is looked at with pauses of up to 3d, so it is reported as silent between two looks; set a longer time"
      ]
    ),
    ("inboxes: [{ schedule: ['0 8 * * *', '0 20 * * *'], silentAfter: 13h }]", []),
    ("inboxes: [{ schedule: ['0 8 * * *', every 5m], silentAfter: 1h }]", []),
    (
      "timezone: Etc/GMT+2",
      [
        "1:11: timezone: in Etc/GMT+2, clocks are behind UTC: these names have the opposite sign; write Etc/GMT-2, or a place such as Europe/Paris, if that is meant"
      ]
    ),
    (
      "processed: { timezone: Etc/GMT-9 }",
      [
        "1:24: processed.timezone: in Etc/GMT-9, clocks are ahead of UTC: these names have the opposite sign; write Etc/GMT+9, or a place such as Europe/Paris, if that is meant"
      ]
    ),
    ("timezone: Etc/GMT", []),
    (
      "inboxes: [{ eventId: '/event[0]' }]",
      [
        "1:22: inboxes[].eventId: '/event[0]' is taken literally: brackets and '$' are part of a member's name in it; write /event/0, if that is meant"
      ]
    ),
    (
      "inboxes: [{ eventType: ['/type', '/lines[12]/kind'] }]",
      [
        "1:24: inboxes[].eventType: '/lines[12]/kind' is taken literally: brackets and '$' are part of a member's name in it; write /lines/12/kind, if that is meant"
      ]
    ),
    (
      "inboxes: [{ eventId: [['/till', '/$json.receipt.id']] }]",
      [
        "1:22: inboxes[].eventId: '/$json.receipt.id' is taken literally: brackets and '$' are part of a member's name in it; write /receipt/id, if that is meant"
      ]
    ),
    // The extended JSON of MongoDB.
    ("inboxes: [{ eventId: /_id/$oid }]", []),
    (
      "inboxes: [{ eventId: /order/id/ }]",
      [
        "1:22: inboxes[].eventId: '/order/id/' names a member whose name is empty; write /order/id, if that is meant"
      ]
    ),
    (
      "inboxes: [{ data: / }]",
      ["1:19: inboxes[].data: '/' names a member whose name is empty; write \"\", if that is meant"]
    ),
    (
      "inboxes: [{ data: '/items/*' }]",
      ["1:19: inboxes[].data: '/items/*' finds no item of an array: the items are 0, 1 and so on"]
    ),
    (
      "inboxes: [{ eventId: /items/-1/id }]",
      ["1:22: inboxes[].eventId: '/items/-1/id' finds no item of an array: the items are 0, 1 and so on"]
    ),
    (
      "inboxes: [{ eventId: /kind, eventType: /kind }]",
      [
        "1:22: inboxes[].eventId: it comes from the same place as eventType, so two events of a type have the same id; name the member that differs from event to event"
      ]
    ),
    (
      "inboxes: [{ eventTypeDefault: /type }]",
      [
        "1:31: inboxes[].eventTypeDefault: this is used as the type itself, and not as a pointer to it; write a JSON Pointer in 'eventType'"
      ]
    ),
    (
      "inboxes: [{ include: ['*.json', '*.CSV'] }]",
      [
        "1:22: inboxes[].include: '*.CSV' matches files in another format, but only JSON can be read; have them converted to JSON, or remove the pattern"
      ]
    ),
    (
      "inboxes: [{ path: $HOME/in }]",
      [
        "1:19: inboxes[].path: '$' and a name are taken literally; write ${NAME}, if an environment variable is meant"
      ]
    ),
    (
      "forward: { auth: { bearer: $N8N_WEBHOOK_TOKEN } }",
      [
        "1:18: forward.auth: it is not used, because forward.url is empty: events are only stored",
        "1:28: forward.auth.bearer: '$' and a name are taken literally; write ${NAME}, if an environment variable is meant",
      ]
    ),
    ("retention: { archive: 'cp -r \"$1\" $HOME' }", []),
    (
      "inboxes: [{ path: “/srv/in” }]",
      ["1:19: inboxes[].path: its quotes are part of the text; write plain ones, \" or '"]
    ),
    (
      "inboxes: [{ path: /srv/in\u{200B} }]",
      ["1:19: inboxes[].path: it contains an invisible character, U+200B; delete it, or type the value again"]
    ),
    (
      "inboxes: [{ marker: .done\u{A0} }]",
      ["1:21: inboxes[].marker: it contains a space that is U+00A0, not a plain one; type that space again"]
    ),
    ("admin: { title: '«\u{A0}Till\u{A0}»' }", []),
    (
      "admin: { token: '<the token of the page>' }",
      ["1:17: admin.token: this is a placeholder; write the secret itself"]
    ),
    (
      "admin: { token: changeme-changeme }", ["1:17: admin.token: this is a placeholder; write the secret itself"]
    ),
    (
      "forward: { url: https://n8n.example.com/webhook/x }",
      ["1:17: forward.url: this is the address of an example; write that of your own server"]
    ),
    (
      "forward: { url: http://localhost:5678/webhook/x }\nadmin: { listen: 127.0.0.1:5678 }",
      [
        "1:17: forward.url: this is the address of eventdrop's own page, admin.listen; write that of n8n, or move the page"
      ]
    ),
    (
      "notify: { webhook: http://127.0.0.1:5678/webhook-test/alert }",
      [
        "1:20: notify.webhook: this is n8n's test URL, which works once after a click on 'Execute workflow'; use the production URL, /webhook/…"
      ]
    ),
    (
      "processed: { durability: off }",
      [
        "1:26: processed.durability: a power cut can lose events that have left their inbox; write group, unless this is a trial"
      ]
    ),
    (
      "folders: { mode: \"0777\" }",
      [
        "1:18: folders.mode: every user of this machine can change and remove records; write \"0750\", or \"0770\" for a group that may write"
      ]
    ),
    ("fleet: { node: lyon }", ["1:16: fleet.node: it is not used, because fleet.url is empty"]),
  ]

  @Test(arguments: doubtful)
  func `What is valid and hardly meant is reported as well`(yaml: String, said: [String]) throws {
    let warnings = try read(yaml).warnings(at: Timestamp(milliseconds: 1_795_000_000_000))
    #expect(warnings.map { "\($0.line):\($0.column): \($0.text(in: .en))" } == said)
    for warning in warnings { #expect(warning.text(in: .fr) != warning.text(in: .en)) }
  }

  @Test func `The shipped file has nothing that is hardly meant`() throws {
    #expect(try read(String(decoding: shippedFile, as: UTF8.self)).warnings(at: Timestamp(milliseconds: 0)) == [])
  }
}
