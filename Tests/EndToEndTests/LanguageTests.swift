import Glibc
import SystemPackage
import TestSupport
import Testing

/// Messages for people, in the language of the configuration.
@Suite(.tags(.spawned), .timeLimit(.minutes(10))) struct LanguageTests {
  private func run(_ site: Site, _ arguments: String...) async throws -> SpawnedProgram.End {
    try await SpawnedProgram(arguments, environment: ["EVENTDROP_CONFIG": config(site)]).end()
  }

  private func config(_ site: Site) -> String { site.tree.path.appending("config.yaml").string }

  private func site(language: String) async throws -> Site {
    let site = try await Site(hasSink: false)
    site.tree.write(
      """
      language: \(language)
      inboxes: [{ path: inbox, settle: 0s }]
      retry: { unreadableAttempts: 1 }
      """, to: "config.yaml")
    return site
  }

  private func sidecar(_ site: Site, _ name: String) -> String { site.tree.readText("failed/\(name).error") ?? "" }

  @Test(arguments: [
    (
      "fr", "JSON non valide, ligne 1, colonne 34", "un nombre à virgule\u{A0}? JSON veut 12.50",
      "intervention nécessaire\u{A0}: 2 fichiers dans failed/",
      "premier enregistrement, depuis le dépôt «\u{A0}default\u{A0}»"
    ),
    (
      "en", "the text is not valid JSON: ", "a number with a decimal comma? JSON has 12.50",
      "needs a person: 2 files in failed/", "first recorded, from the inbox 'default'"
    ),
  ])
  func `Sidecars and commands say it in the language, with one code for all`(
    language: String, sentence: String, cause: String, verdict: String, step: String
  ) async throws {
    let site = try await site(language: language)
    site.drop("bad.json", #"{"eventId":"e1","data":{"sum":12,50}}"#)
    site.drop("a.json", #"{"eventId":"e2","eventType":"T","data":1}"#)
    _ = try await run(site, "run", "--once")
    site.drop("b.json", #"{"eventId":"e2","eventType":"T","data":2}"#)
    _ = try await run(site, "run", "--once")
    let bad = sidecar(site, "bad.json")
    #expect(bad.contains(sentence) && bad.contains(cause), "\(bad)")
    #expect(bad.contains(#""code": "invalid-json""#))
    #expect(
      bad.contains(#""arguments": {"why": {"code": "json-decimal-comma", "arguments": {"found": "'5'"}}, "line": 1, "#))
    #expect(sidecar(site, "b.json").contains(#""code": "conflict""#))
    let status = try await run(site, "status").output
    #expect(status.hasPrefix(verdict) && status.contains(cause), "\(status)")
    let shown = try await run(site, "show", "e2").output
    #expect(shown.contains(step) && shown.contains("eventdrop reprocess --replace e2"), "\(shown)")
    let listed = try await run(site, "list", "--reason", "invalid-json", "--json").output
    #expect(listed.contains(cause) && listed.contains(#""code":"invalid-json","arguments":{"why": {"code": "json-"#))
  }

  @Test func `Labels, tables, hindrances and findings are French where people read French`() async throws {
    let site = try await site(language: "fr")
    site.drop("a.json", #"{"eventId":"e1","eventType":"T","data":1}"#)
    site.drop("bad.json", "{")
    site.drop("note.txt", "x")
    _ = try await run(site, "run", "--once")
    let status = try await run(site, "status", "--partitions").output
    for text in [
      "\narrêté\n", "\ndépôt default ", "dernière arrivée\u{A0}: 2", "\nen attente ", "le plus ancien\u{A0}: 2",
      "\ntransmis ", "\npris en charge ", "aucun\u{A0}: les événements sont stockés", "\nprochains passages\n",
      "\n  purge ", "1 enregistrement, ", " o\n", "\néchecs\n", "1 fichier, dépôt default, dernier échec\u{A0}: 2",
      "no-pattern\u{A0}: 1 fichier, d’un nom que le dépôt ne prend pas\u{A0}; le plus ancien\u{A0}: note.txt",
    ] { #expect(status.contains(text), "\(text) in \(status)") }
    for text in ["inbox ", " since ", "the ", "record "] { #expect(!status.contains(text), "\(text) in \(status)") }
    #expect(try await run(site, "list").output.hasPrefix("heure"))
    #expect(try await run(site, "list", "--type", "none").output == "aucun événement ne correspond\n")
    #expect(try await run(site, "report").output.hasPrefix("jour"))
    #expect(try await run(site, "show", "e1").output.contains("\nenregistrement  /"))
    let unknown = try await run(site, "show", "e9").errors
    #expect(unknown.contains("l’événement «\u{A0}e9\u{A0}» est inconnu\u{A0}; eventdrop list montre"), "\(unknown)")
    let trial = try await run(site, "test", site.tree.path.appending("inbox/note.txt").string).output
    #expect(
      trial.hasPrefix("dépôt    default, où il se trouve\nmais     no-pattern\u{A0}: son nom ne correspond"), "\(trial)"
    )
    site.tree.write("x", to: "processed/stray")
    let verified = try await run(site, "verify").output
    #expect(verified.contains("/stray: seules les partitions, nommées d’après leur date"), "\(verified)")
    #expect(verified.hasSuffix("1 enregistrement dans 1 partition, 0 accusé de réception\u{A0}: 1 anomalie\n"))
  }

  @Test(arguments: ["e1", "-1", "--json", "it's; touch INJECTED", "a\u{202E}b"])
  func `The command that a conflict names puts the file in the record's place`(eventId: String) async throws {
    let site = try await site(language: "en")
    for number in 1...2 {
      site.drop("\(number).json", #"{"eventId":"\#(eventId)","eventType":"T","data":\#(number)}"#)
      _ = try await run(site, "run", "--once")
    }
    let text = sidecar(site, "2.json")
    let start = try #require(text.firstRange(of: #""replace": ""#)?.upperBound)
    let end = try #require(text[start...].firstRange(of: #""}"#)?.lowerBound)
    let command = text[start..<end].replacing(#"\\"#, with: #"\"#)
    #expect(command.hasPrefix("eventdrop reprocess --replace "))
    let shell = try SpawnedProgram(
      ["-c", "eventdrop() { \"$PROGRAM\" \"$@\"; }; \(command)"], executable: "/bin/bash",
      environment: ["EVENTDROP_CONFIG": config(site), "PROGRAM": SpawnedProgram.path(of: "eventdrop")])
    let result = try await shell.end()
    #expect(result.code == 0, "\(command): \(result)")
    #expect(site.tree.names("inbox") == ["2.json"] && site.tree.names("failed").isEmpty, "\(command)")
  }

  @Test func `Commands that stop say why in French, and sizes have French units`() async throws {
    let site = try await site(language: "fr")
    let configuration = site.tree.readText("config.yaml") ?? ""
    site.tree.write(configuration + "\nadmin: { listen: off }\nnotify: { command: 'exit 3 #' }\n", to: "config.yaml")
    let alone = try await run(site, "fleet", "status")
    #expect(alone.code == 78 && alone.errors.contains("n’est pas défini\u{A0}: cette machine est seule"), "\(alone)")
    let notify = try await run(site, "notify", "--test")
    #expect(notify.output.contains("command: terminée avec le code 3"), "\(notify)")
    let check = try await run(site, "check").output
    #expect(check.contains("io libres") && !check.contains("iB libres"), "\(check)")
    site.drop("a.json", #"{"eventId":"e1","eventType":"T","data":1}"#)
    _ = try await run(site, "run", "--once")
    #expect(try await run(site, "reindex").output.hasPrefix("1 enregistrement en "))
    let daemon = try site.start()
    #expect(try await daemon.errorLine(containing: "started") != nil)
    let second = try await run(site, "run", "--once")
    #expect(second.code == 75, "\(second)")
    #expect(second.errors.contains("un autre eventdrop (processus \(daemon.processID)) travaille sur "), "\(second)")
    #expect(second.errors.contains("\u{A0}; arrêtez-le, ou réglez standby: true"), "\(second)")
    daemon.signal(SIGTERM)
    _ = try await daemon.end()
  }
}
