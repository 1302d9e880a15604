/// What is wrong with a pattern of file names, a character set, a time zone or a schedule.
package enum FormatMessage: String, MessageCode {
  // Patterns of file names.
  case pattern = "pattern-refused"
  case emptyPattern = "pattern-empty"
  case slash = "pattern-with-slash"
  case nul = "pattern-with-nul"
  case lastBackslash = "pattern-ends-with-backslash"
  case openBracket = "pattern-bracket-not-closed"
  case rangeBackwards = "pattern-range-backwards"
  case braces = "pattern-with-braces"
  // Character sets and time zones.
  case unknownCharset = "unknown-charset"
  case unknownZone = "time-zone-unknown"
  case misspeltZone = "time-zone-misspelt"
  case unreadableZone = "time-zone-unreadable"
  case noZones = "time-zones-missing"
  // Schedules.
  case noRules = "schedule-empty"
  case unknownShortcut = "schedule-unknown-shortcut"
  case interval = "schedule-interval"
  case sixFields = "schedule-with-seconds"
  case otherFields = "schedule-fields"
  case fieldStep = "schedule-field-step"
  case fieldBackwards = "schedule-field-backwards"
  case fieldRange = "schedule-field-out-of-range"
  case field = "schedule-field"

  package var arguments: [String] {
    switch self {
    case .pattern: ["pattern", "why"]
    case .unknownCharset: ["charset"]
    case .unknownZone, .unreadableZone: ["name"]
    case .misspeltZone: ["name", "near"]
    case .unknownShortcut, .interval: ["rule"]
    case .sixFields: ["rule", "rest"]
    case .otherFields: ["rule", "count"]
    case .fieldStep: ["field", "text", "to"]
    case .fieldBackwards: ["field", "text"]
    case .fieldRange, .field: ["field", "text", "from", "to"]
    default: []
    }
  }
}

extension FormatMessage {
  package var english: MessageWords {
    switch self {
    case .pattern: "the pattern '{pattern}' is invalid: {why}"
    case .emptyPattern: "it is empty"
    case .slash: "a pattern is about a file's name, which has no '/'"
    case .nul: "no file's name has a NUL in it"
    case .lastBackslash: #"the '\' at its end is followed by nothing"#
    case .openBracket: "its '[' has no ']'; a '[' of its own is written '[[]'"
    case .rangeBackwards: "a range in it runs backwards"
    case .braces: "'{a,b}' is not understood; write a list with a pattern for each"
    case .unknownCharset: "'{charset}' is not a character set that this system knows"
    case .unknownZone: MessageWords("unknown time zone '{name}'", advice: "write a name such as Europe/Paris")
    case .misspeltZone: MessageWords("unknown time zone '{name}'", advice: "did you mean '{near}'?")
    case .unreadableZone:
      MessageWords("the system's data of the time zone '{name}' cannot be read", advice: "install tzdata again")
    case .noZones:
      MessageWords("this system has no time zone database", advice: "install the package tzdata, or use UTC")
    case .noRules: MessageWords("a schedule must not be empty", advice: "write 'every 5s' or '0 3 * * *'")
    case .unknownShortcut:
      MessageWords(
        "'{rule}' is not a schedule", advice: "there are @hourly, @daily, @weekly, @monthly and @yearly")
    case .interval: "'{rule}': what follows 'every' is a duration greater than zero, such as 5s, 10m or 1d"
    case .sixFields: MessageWords("'{rule}' has six fields", advice: "without seconds, write '{rest}'")
    case .otherFields:
      MessageWords(
        "'{rule}' has {count|1 field|# fields}",
        advice: "a cron expression has five: minute, hour, day of the month, month, day of the week")
    case .fieldStep: MessageWords("\(Self.fieldName) '{text}' has a step that is not a number from 1 to {to}")
    case .fieldBackwards:
      MessageWords(
        "\(Self.fieldName) '{text}' has a range that runs backwards", advice: "write it as two, with a comma")
    case .fieldRange: MessageWords("\(Self.fieldName) '{text}' is out of range: it goes from {from} to {to}")
    case .field:
      MessageWords(
        "\(Self.fieldName) '{text}' is not understood",
        advice: "write *, a number{field?month= or name|weekday= or name}, a range such as {from}-{to}, a list with"
          + " commas, or a step such as */5")
    }
  }

  private static let fieldName =
    "the {field?minute=minute|hour=hour|day=day of the month|month=month|weekday=day of the week}"

  package var french: MessageWords {
    switch self {
    case .pattern: "le motif « {pattern} » ne convient pas : {why}"
    case .emptyPattern: "il est vide"
    case .slash: "un motif porte sur le nom d’un fichier, qui ne contient pas de « / »"
    case .nul: "aucun nom de fichier ne contient de caractère NUL"
    case .lastBackslash: #"le « \ » final n’est suivi de rien"#
    case .openBracket: "son « [ » n’a pas de « ] » ; pour le caractère « [ » lui-même, écrivez « [[] »"
    case .rangeBackwards: "un de ses intervalles est à l’envers"
    case .braces: "« {a,b} » n’est pas accepté ; écrivez une liste, avec un motif pour chacun"
    case .unknownCharset: "« {charset} » n’est pas un jeu de caractères connu de ce système"
    case .unknownZone:
      MessageWords("fuseau horaire inconnu : « {name} »", advice: "écrivez un nom comme Europe/Paris")
    case .misspeltZone: MessageWords("fuseau horaire inconnu : « {name} »", advice: "vouliez-vous dire « {near} » ?")
    case .unreadableZone:
      MessageWords("les données du fuseau horaire « {name} » sont illisibles", advice: "réinstallez tzdata")
    case .noZones:
      MessageWords(
        "ce système n’a pas de base de fuseaux horaires", advice: "installez le paquet tzdata, ou mettez UTC")
    case .noRules:
      MessageWords("une planification ne doit pas être vide", advice: "écrivez « every 5s » ou « 0 3 * * * »")
    case .unknownShortcut:
      MessageWords(
        "« {rule} » n’est pas une planification",
        advice: "il existe @hourly, @daily, @weekly, @monthly et @yearly")
    case .interval: "« {rule} » : après « every », il faut une durée supérieure à zéro, comme 5s, 10m ou 1d"
    case .sixFields: MessageWords("« {rule} » a six champs", advice: "sans les secondes, écrivez « {rest} »")
    case .otherFields:
      MessageWords(
        "« {rule} » a {count|# champ|# champs}",
        advice: "une expression cron en a cinq : minute, heure, jour du mois, mois, jour de la semaine")
    case .fieldStep:
      MessageWords("le pas de « {text} » ({field\(Self.fieldInFrench)}) doit être un nombre de 1 à {to}")
    case .fieldBackwards:
      MessageWords(
        "« {text} » ({field\(Self.fieldInFrench)}) contient un intervalle à l’envers",
        advice: "écrivez-en deux, séparés par une virgule")
    case .fieldRange: MessageWords("« {text} » ({field\(Self.fieldInFrench)}) est hors limites : de {from} à {to}")
    case .field:
      MessageWords(
        "« {text} » ({field\(Self.fieldInFrench)}) est incompréhensible",
        advice: "écrivez *, un nombre{field?month= ou un nom|weekday= ou un nom}, un intervalle comme {from}-{to}, une"
          + " liste avec des virgules, ou un pas comme */5")
    }
  }

  private static let fieldInFrench = "?minute=minute|hour=heure|day=jour du mois|month=mois|weekday=jour de la semaine"
}
