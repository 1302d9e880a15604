/// What is valid in a configuration, but hardly intended.
package enum WarningMessage: String, MessageCode {
  // Schedules and retention.
  case neverComes = "warning-never-comes"
  case everyMinute = "warning-every-minute"
  case eitherDay = "warning-either-day"
  case zoneSign = "warning-time-zone-sign"
  case notArchived = "warning-not-archived"
  case forgotten = "warning-identities-forgotten"
  case notDurable = "warning-not-durable"
  case openToAll = "warning-folders-open-to-all"
  // Inboxes.
  case silentBetweenLooks = "warning-silent-between-looks"
  case markerPattern = "warning-marker-is-pattern"
  case markerSwitch = "warning-marker-is-switch"
  case markerWithoutDot = "warning-marker-without-dot"
  case severalPatterns = "warning-several-patterns"
  case wholeName = "warning-pattern-is-name"
  case excluded = "warning-pattern-excluded"
  case patternOfMarkers = "warning-pattern-of-markers"
  case otherFormat = "warning-pattern-of-other-format"
  case pointerNotation = "warning-pointer-notation"
  case pointerWithoutName = "warning-pointer-without-name"
  case pointerOfNoItem = "warning-pointer-of-no-item"
  case idIsType = "warning-id-is-type"
  case behindSource = "warning-behind-source"
  case behindEvent = "warning-behind-whole-event"
  case unusedDefault = "warning-default-type-unused"
  case typeIsPointer = "warning-default-type-is-pointer"
  // The webhook.
  case unusedWithoutURL = "warning-unused-without-url"
  case unusedWithoutTLS = "warning-unused-without-tls"
  case unusedWithSingle = "warning-unused-with-single"
  case unencrypted = "warning-secret-unencrypted"
  case testURL = "warning-test-url"
  case otherURL = "warning-url-takes-no-events"
  case editorURL = "warning-url-of-editor"
  case serverURL = "warning-url-of-server"
  case exampleURL = "warning-url-of-example"
  case ownPage = "warning-url-of-own-page"
  case noSecret = "warning-authentication-without-secret"
  case secretWithSpace = "warning-secret-with-space"
  case secretWithQuote = "warning-secret-with-quote"
  case tokenWithWord = "warning-token-with-word"
  case tokenOfBasic = "warning-token-of-basic"
  case valueWithName = "warning-header-value-with-name"
  // Any text.
  case hiddenCharacter = "warning-hidden-character"
  case oddSpace = "warning-odd-space"
  case typographicQuotes = "warning-typographic-quotes"
  case bareVariable = "warning-variable-without-braces"
  case placeholder = "warning-placeholder"
  // Several machines.
  case unusedWithoutFleet = "warning-unused-without-fleet"
  // The page.
  case actionsWithoutToken = "warning-actions-without-token"
  case actionsWithoutPage = "warning-actions-without-page"
  // What this machine reveals.
  case noProgram = "warning-no-program"
  case noProgramHere = "warning-no-program-here"
  case unreadableFile = "warning-file-unreadable"
  case sameFolder = "warning-same-folder"
  case otherAddress = "warning-address-of-other-machine"

  package var arguments: [String] {
    switch self {
    case .neverComes, .eitherDay: ["rule"]
    case .everyMinute: ["rule", "once"]
    case .zoneSign: ["zone", "sign", "other"]
    case .silentBetweenLooks: ["pause"]
    case .pointerNotation, .pointerWithoutName: ["pointer", "meant"]
    case .pointerOfNoItem: ["pointer"]
    case .hiddenCharacter, .oddSpace: ["code"]
    case .otherAddress: ["address"]
    case .forgotten: ["keep"]
    case .markerWithoutDot: ["marker"]
    case .severalPatterns, .excluded, .otherFormat: ["pattern"]
    case .patternOfMarkers: ["pattern", "marker"]
    case .behindSource, .unusedDefault: ["source"]
    case .noSecret: ["key"]
    case .tokenWithWord: ["word"]
    case .noProgram: ["program"]
    case .unreadableFile: ["why"]
    case .sameFolder: ["path", "inbox", "key"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .neverComes: "'{rule}' never comes: no month has that day"
    case .everyMinute:
      MessageWords(
        "'{rule}' is due every minute of that hour", advice: "write '{once}' if it should be due once")
    case .eitherDay:
      MessageWords(
        "'{rule}' is due on these days of the month, and on these days of the week as well",
        advice: "write * for one of them, unless both are meant")
    case .zoneSign:
      MessageWords(
        "in {zone}, clocks are {sign?plus=behind|minus=ahead of} UTC: these names have the opposite sign",
        advice: "write {other}, or a place such as Europe/Paris, if that is meant")
    case .notDurable:
      MessageWords(
        "a power cut can lose events that have left their inbox", advice: "write group, unless this is a trial")
    case .openToAll:
      MessageWords(
        "every user of this machine can change and remove records",
        advice: #"write "0750", or "0770" for a group that may write"#)
    case .silentBetweenLooks:
      MessageWords(
        "the inbox is looked at with pauses of up to {pause}, so it is reported as silent between two looks",
        advice: "set a longer time")
    case .otherFormat:
      MessageWords(
        "'{pattern}' matches files in another format, but only JSON can be read",
        advice: "have them converted to JSON, or remove the pattern")
    case .pointerNotation:
      MessageWords(
        "'{pointer}' is taken literally: brackets and '$' are part of a member's name in it",
        advice: "write {meant}, if that is meant")
    case .pointerWithoutName:
      MessageWords(
        "'{pointer}' names a member whose name is empty", advice: "write {meant}, if that is meant")
    case .pointerOfNoItem: "'{pointer}' finds no item of an array: the items are 0, 1 and so on"
    case .idIsType:
      MessageWords(
        "it comes from the same place as eventType, so two events of a type have the same id",
        advice: "name the member that differs from event to event")
    case .typeIsPointer:
      MessageWords(
        "this is used as the type itself, and not as a pointer to it", advice: "write a JSON Pointer in 'eventType'")
    case .exampleURL:
      MessageWords("this is the address of an example", advice: "write that of your own server")
    case .ownPage:
      MessageWords(
        "this is the address of eventdrop's own page, admin.listen", advice: "write that of n8n, or move the page")
    case .hiddenCharacter:
      MessageWords("it contains an invisible character, U+{code}", advice: "delete it, or type the value again")
    case .oddSpace:
      MessageWords("it contains a space that is U+{code}, not a plain one", advice: "type that space again")
    case .typographicQuotes:
      MessageWords("its quotes are part of the text", advice: #"write plain ones, " or '"#)
    case .bareVariable:
      MessageWords(
        "'$' and a name are taken literally", advice: "write ${NAME}, if an environment variable is meant")
    case .placeholder: MessageWords("this is a placeholder", advice: "write the secret itself")
    case .unusedWithoutFleet: "it is not used, because fleet.url is empty"
    case .otherAddress:
      MessageWords(
        "this machine does not have the address {address} now, so nobody could reach the page",
        advice: "write an address that 'ip address' lists, or 127.0.0.1")
    case .notArchived: "nothing is archived, because retention.keep is forever: no day is ever removed"
    case .forgotten:
      MessageWords(
        "ids are forgotten before their records, which retention.keep keeps for {keep}",
        advice: "an event that is dropped again after that counts as new")
    case .markerPattern:
      MessageWords(
        "a marker is not a pattern, but an ending that is appended to the whole name",
        advice: "write .done, for a.json.done")
    case .markerSwitch:
      MessageWords(
        "a marker is an ending that is appended to the whole name",
        advice: "write the one that the sender has, such as .done")
    case .markerWithoutDot:
      MessageWords(
        "the marker of a.json is a.json{marker}, because it is appended to the whole name",
        advice: "write .{marker}, if that is meant")
    case .severalPatterns:
      MessageWords("'{pattern}' is one pattern", advice: #"write a list of several, as in ["*.json", "*.jsonl"]"#)
    case .wholeName:
      MessageWords(
        "a pattern without * matches only a file of exactly this name", advice: "write *.json, if an ending is meant")
    case .excluded: "'{pattern}' never matches: 'exclude' excludes all such names"
    case .patternOfMarkers: "'{pattern}' never matches a drop: names that end in '{marker}' are those of markers"
    case .behindSource: "what follows {source} is never used, because {source} always exists"
    case .behindEvent: #"what follows "" is never used, because "" is the whole event"#
    case .unusedDefault: "it is never used, because {source} in 'eventType' always exists"
    case .unusedWithoutURL: "it is not used, because forward.url is empty: events are only stored"
    case .unusedWithoutTLS: "it is not used, because forward.url is not https"
    case .unusedWithSingle: "it is not used: with 'format: single', each event is a request of its own"
    case .unencrypted:
      MessageWords(
        "the token or password is sent unencrypted to another machine",
        advice: "use https, or a proxy that does")
    case .testURL:
      MessageWords(
        "this is n8n's test URL, which works once after a click on 'Execute workflow'",
        advice: "use the production URL, /webhook/…")
    case .otherURL:
      MessageWords(
        "this address of n8n accepts no events", advice: "use the Webhook node's production URL, /webhook/…")
    case .editorURL:
      MessageWords(
        "this is a page of n8n's editor, which shows a workflow",
        advice: "open the Webhook node there, and copy its production URL, /webhook/…")
    case .serverURL:
      MessageWords(
        "this is the address of a server, not of a webhook",
        advice: "use the Webhook node's production URL, such as /webhook/…")
    case .noSecret:
      MessageWords("requests are sent without it, because it has no {key}", advice: "set '{key}' as well")
    case .secretWithSpace:
      MessageWords("it begins or ends with a space", advice: "remove that, unless n8n has it too")
    case .secretWithQuote:
      MessageWords(
        "it begins with a quote that is part of it",
        advice: "remove the quotes where the variable or the file is set")
    case .tokenWithWord:
      MessageWords("it begins with '{word}', but 'Bearer' is added in front of it", advice: "write the token alone")
    case .tokenOfBasic:
      MessageWords(
        "it begins with 'Basic', but 'Bearer' is added in front of it",
        advice: "write the token alone, or use 'header' with the name Authorization")
    case .valueWithName:
      MessageWords("it begins with the header's name, which is added in front of it", advice: "write the value alone")
    case .actionsWithoutToken:
      MessageWords("nothing can be done from the page without a token", advice: "set admin.token")
    case .actionsWithoutPage: "there is no page, because admin.listen is off"
    case .noProgram: MessageWords("there is no program '{program}' that can be run", advice: "write its full path")
    case .noProgramHere:
      MessageWords("there is no program of this name that can be run", advice: "write its full path")
    case .unreadableFile: "this file cannot be read: {why}"
    case .sameFolder:
      MessageWords(
        "{path} leads to the same folder as that of {inbox|the inbox '#'}{key|#}",
        advice: "each needs a folder of its own")
    }
  }
}
