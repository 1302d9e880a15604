import Settings
import TestSupport
import Testing

/// What well-meaning people write, and what `check` says: where it is, what is wrong, and what to write.
@Suite(.tags(.fast)) struct NaturalMistakeTests {
  static let mistakes: [(yaml: String, said: [String])] = [
    (
      "forward:\n\turl: https://n8n.example.com/webhook/x",
      ["2:1: this is not YAML: a tab stands here; indent with spaces, not with a tab"]
    ),
    (
      "timezone:UTC",
      ["1:1: a configuration is keys and values, such as 'timezone: UTC', not a single value; write a space behind ':'"]
    ),
    (
      "log:\n  level:debug",
      ["2:3: log: expected keys and values, such as 'level: …', not a single value; write a space behind ':'"]
    ),
    ("log: { level:debug }", ["1:8: unknown key; write a space behind ':'"]),
    (
      "log:\n\u{A0}\u{A0}level: debug",
      ["2:1: unknown key; a space before it is none of those that YAML indents with, so write plain ones"]
    ),
    (
      "inboxes:\n  - name: a\n   path: in",
      [
        "3:4: this is not YAML: a '-' is expected here, as before the other items of this list; indent the keys of one item alike"
      ]
    ),
    (
      "inboxes:\n  - include: *.json",
      ["2:14: this is not YAML: a value that begins with '*' stands in quotes, as in \"*.json\" or \"*/5 * * * *\""]
    ),
    (
      "retry:\n  schedule: */5 * * * *",
      ["2:13: this is not YAML: a value that begins with '*' stands in quotes, as in \"*.json\" or \"*/5 * * * *\""]
    ),
    (
      "retry: { schedule: * * * * * }",
      ["1:20: this is not YAML: a value that begins with '*' stands in quotes, as in \"*.json\" or \"*/5 * * * *\""]
    ),
    (
      "inboxes: [{ eventId: @filename }]",
      ["1:22: this is not YAML: a value that begins with '@' stands in quotes, as in \"@filename\""]
    ),
    ("inboxes:\n  - eventIdPrefix: %shop", ["2:20: this is not YAML: a value that begins with '%' stands in quotes"]),
    ("inboxes:\n  - eventIdPrefix: !shop:", ["2:20: a tag, '!' and a name, is not understood here; remove it"]),
    (
      "admin:\n  title: \"The shop\n  listen: off\n",
      ["2:10: this is not YAML: the quote that opens here is never closed; put the same one at the end of the value"]
    ),
    (
      "admin:\n  title: till: north",
      [
        "2:14: this is not YAML: a ':' stands here where no key can; put a value that has ': ' in it in quotes, and indent keys that belong together alike"
      ]
    ),
    (
      "inboxes: [{ include: [\"*.json\", \"*.jsonl\" }]",
      [
        "1:43: this is not YAML: a ',' or the ']' of a list is missing before this; put values that have brackets or quotes in them in quotes"
      ]
    ),
    (
      "log: { level: info",
      [
        "2:1: this is not YAML: a ',' or the '}' of a mapping is missing before this; put values that have brackets or quotes in them in quotes"
      ]
    ),
    (
      "admin: { title: \"C:\\dir\" }",
      [
        "1:20: this is not YAML: in double quotes, '\\' and what follows it stand for another character; write it twice, or use single quotes"
      ]
    ),
    ("log: { level: info }\nlog: { format: json }", ["2:1: this key stands in line 1 already; remove one of the two"]),
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
      ["1:19: inboxes[].path: '~' stands for no folder here; write the path from '/' on, or use ${HOME}"]
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
        "1:22: inboxes[].include: the pattern '*.{json,jsonl}' is not as it must be: '{a,b}' is not understood; write a list with a pattern for each"
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
        "1:17: forward.url: expected an address such as https://n8n.example.com/webhook/events, but it begins with no scheme"
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
        "1:17: forward.url: the environment variable that is named here is not set; set it, or write ${NAME:-} where it can be none"
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
        "1:54: retention.archive.environment: only the names of variables stand here, such as AWS_PROFILE; take the '=' and what follows away, and set it where eventdrop itself gets its environment from"
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
      ["1:15: fleet.url: expected an address such as postgresql://user@db.example.com/eventdrop"]
    ),
    (
      "retry: { backoff: { first: 2h } }",
      ["1:28: retry.backoff.first: the first wait, 2h, is longer than the longest, 1h; set both 'first' and 'max'"]
    ),
  ]

  @Test(arguments: mistakes)
  func `Each is told where it is, with what is wrong and what to write`(yaml: String, said: [String]) {
    #expect(problems(yaml) == said)
  }

  @Test func `There are fifty of them at least`() { #expect(Self.mistakes.count >= 50) }
}
