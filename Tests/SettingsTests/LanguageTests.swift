import Events
import Settings
import TestSupport
import Testing

/// Messages about mistakes, in the language of the configuration.
@Suite(.tags(.fast)) struct LanguageTests {
  private func language(_ yaml: String) -> Language? {
    do {
      _ = try read(yaml)
      return nil
    } catch {
      return error.language
    }
  }

  @Test(arguments: [
    "language: fr\nstandby: oui", "standby: oui\nlanguage: fr", "language: \"fr\"\nstandby: oui",
    "{ language: fr, standby: oui }", "language: fr\nlanguage: en", "language: fr\nnope: 1",
    // Text that is not YAML counts as well.
    "language: fr\n\tstandby: oui", "standby: [\nlanguage: 'fr' # oui\n", "standby: \"oui\r\nlanguage:fr\r\n",
  ])
  func `A configuration with mistakes has its language all the same`(yaml: String) { #expect(language(yaml) == .fr) }

  @Test(arguments: [
    "standby: oui", "language: french", "language: de\nstandby: oui", "log: { language: fr }", "# language: fr\nx: 1",
    "standby: [\n  language: fr", "language: ${NOPE}", "language: french\nlanguage: fr",
  ])
  func `One that does not say it has English`(yaml: String) { #expect(language(yaml) == .en) }

  @Test func `The lines for people are in it, and those for the log in English`() {
    do {
      _ = try read("language: fr\nstandby: oui\nforward: { timeout: 10 sec }")
      Issue.record("it was taken")
    } catch {
      #expect(
        error.lines(in: error.language) == [
          "config.yaml:2:10: standby: il faut true ou false, pas «\u{A0}oui\u{A0}»",
          "config.yaml:3:21: forward.timeout: il faut une durée comme 2s, 5m ou 1h, pas «\u{A0}10 sec\u{A0}»\u{A0}; écrivez"
            + " 10s",
        ])
      #expect(
        error.description.split(separator: "\n").map(String.init) == [
          "config.yaml:2:10: standby: expected true or false, not 'oui'",
          "config.yaml:3:21: forward.timeout: expected a duration such as 2s, 5m or 1h, not '10 sec'; write 10s",
        ])
    }
  }

  static let french: [(yaml: String, said: String)] = [
    ("inboxs: []", "1:1: clé inconnue : « inboxs » ; vouliez-vous dire « inboxes » ?"),
    ("log: { colour: red }", "1:8: clé inconnue : « colour » ; il existe level, levels, format"),
    ("forward: { timeout: [10s] }", "1:21: forward.timeout: il faut une durée comme 2s, 5m ou 1h, pas une liste"),
    (
      "forward: { format: json }",
      "1:20: forward.format: il faut envelope, array ou single, pas « json »"
    ),
    (
      "timezone: Europe/Pariss",
      "1:11: timezone: fuseau horaire inconnu : « Europe/Pariss » ; vouliez-vous dire « Europe/Paris » ?"
    ),
    (
      "retry: { schedule: [] }",
      "1:20: retry.schedule: cette liste ne doit pas être vide ; il faut une planification comme « every 5s » ou « 0 3 * * * »"
    ),
    (
      "retry: { schedule: { every: 5s } }",
      "1:20: retry.schedule: il faut une planification comme « every 5s » ou « 0 3 * * * », ou une liste, pas des clés et des valeurs"
    ),
    (
      "retry: { schedule: '61 * * * *' }",
      "1:20: retry.schedule: « 61 » (minute) est hors limites : de 0 à 59"
    ),
    (
      "inboxes: [{ schedule: 5s }]",
      "1:23: inboxes[].schedule: « 5s » a 1 champ ; une expression cron en a cinq : minute, heure, jour du mois, mois, jour de la semaine ; écrivez « every 5s »"
    ),
    (
      "inboxes: [{ name: a, path: x }, { name: b, path: x/y }]",
      "1:50: inboxes[].path: ce dossier est dans celui du dépôt « a » ; donnez à chacun son propre dossier"
    ),
    (
      "folders: { retry: failed }",
      "1:19: folders.retry: ce dossier est celui de folders.failed, qui a sa valeur par défaut ; donnez à chacun son propre dossier"
    ),
    (
      "admin: { title: \"${SHOP}\" }",
      "1:17: admin.title: la variable d’environnement « SHOP » n’est pas définie ; définissez-la, ou écrivez ${SHOP:-default}"
    ),
    (
      "inboxes: [{ include: '*.{json,jsonl}' }]",
      "1:22: inboxes[].include: le motif « *.{json,jsonl} » ne convient pas : « {a,b} » n’est pas accepté ; écrivez une liste, avec un motif pour chacun"
    ),
    (
      "forward:\n\turl: x",
      "2:1: ce n’est pas du YAML : il y a ici une tabulation ; indentez avec des espaces, pas avec une tabulation"
    ),
  ]

  @Test(arguments: french)
  func `Each mistake is said in French as a whole sentence`(yaml: String, said: String) {
    let plain = problems(yaml, in: .fr).map { $0.replacing("\u{A0}", with: " ") }
    #expect(plain == [said])
  }

  /// Words that occur in English sentences and in no French one.
  private static let english = ["expected", "write", "must", "needs", "this is", "unknown", "there"]

  @Test(arguments: NaturalMistakeTests.mistakes)
  func `No mistake is said half in English`(yaml: String, said: [String]) {
    let french = problems(yaml, in: .fr)
    #expect(french.count == said.count)
    for line in french {
      #expect(!Self.english.contains { line.contains($0) }, "\(line)")
      #expect(!said.contains(line))
    }
  }
}
