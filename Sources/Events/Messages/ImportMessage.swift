/// What import prints, and why it does not import a document.
package enum ImportMessage: String, MessageCode {
  case noFile = "import-no-file"
  case notTaken = "import-not-taken"
  case again = "import-not-taken-again"
  case others = "import-others-not-taken"
  case sums = "import-sums"
  case oldOnes = "import-old-ones"
  // Documents.
  case tooLarge = "import-too-large"
  case invalidJSON = "import-invalid-json"
  case noObject = "import-no-object"
  case noName = "import-name-is-no-text"
  case noDate = "import-no-date"
  case noTime = "import-no-time"
  case noDay = "import-no-day"
  case noMember = "import-no-member"
  // The export.
  case packed = "import-packed"
  case otherCharset = "import-in-charset"

  package var arguments: [String] {
    switch self {
    case .noFile: ["file"]
    case .notTaken: ["place", "why"]
    case .again: ["file", "count", "first"]
    case .others: ["file", "count"]
    case .sums: ["taken", "duplicates", "refused"]
    case .oldOnes: ["keep"]
    case .tooLarge: ["mebibytes"]
    case .invalidJSON: ["why", "offset"]
    case .noDate: ["member"]
    case .noDay: ["day", "zone"]
    case .noMember: ["member"]
    case .packed: ["format"]
    case .otherCharset: ["name", "charset"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .noFile: MessageWords("{file}: there is no such file", advice: "see --help")
    case .notTaken: "{place}: not taken over: {why}"
    case .again:
      "{file}: {count|1 more document|# more documents} not taken over, for the same reason as number {first}"
    case .others: "{file}: {count|1 more document|# more documents} not taken over, for other reasons"
    case .sums: "{taken|1 event|# events} taken over, {duplicates} were there already, {refused} not taken over"
    case .oldOnes:
      MessageWords(
        "those older than {keep} go with the next pruning", advice: "retention.keep says for how long they stay")
    case .tooLarge: "it has more than {mebibytes} MiB"
    case .invalidJSON: "it is not valid JSON: {why}, at byte {offset}"
    case .noObject: "it is not an object"
    case .noName: "a name is not text"
    case .noDate: "its {member} is not a date of the years 0001 to 9999"
    case .noTime: "it has no processedAt, so its partition is not known"
    case .noDay:
      "its processedAt is on {day} in processed.timezone ({zone}), which is not a day of the years 0001 to 9999"
    case .noMember:
      MessageWords("it has no member {member}", advice: "add it to the export, as import looks nowhere else for it")
    case .packed: MessageWords("it is packed with {format}", advice: "unpack it first")
    case .otherCharset:
      MessageWords("it looks like {name}", advice: "convert it first, as with iconv -f {charset} -t utf-8")
    }
  }

  package var french: MessageWords {
    switch self {
    case .noFile: MessageWords("{file} : ce fichier n’existe pas", advice: "voyez --help")
    case .notTaken: "{place} : non repris : {why}"
    case .again:
      MessageWords(
        "{file} : {count|# autre document n’a pas été repris|# autres documents n’ont pas été repris}, pour la même raison"
          + " que le numéro {first}")
    case .others:
      MessageWords(
        "{file} : {count|# autre document n’a pas été repris|# autres documents n’ont pas été repris}, pour d’autres"
          + " raisons")
    case .sums:
      MessageWords(
        "{taken|# événement repris|# événements repris}, {duplicates|# déjà présent|# déjà présents},"
          + " {refused|# non repris|# non repris}")
    case .oldOnes:
      MessageWords(
        "ceux de plus de {keep} partiront à la prochaine purge",
        advice: "retention.keep dit combien de temps ils restent")
    case .tooLarge: "il dépasse {mebibytes} Mio"
    case .invalidJSON: "ce n’est pas du JSON valide : {why}, à l’octet {offset}"
    case .noObject: "ce n’est pas un objet"
    case .noName: "un nom n’est pas un texte"
    case .noDate: "son membre {member} n’est pas une date des années 0001 à 9999"
    case .noTime: "il n’a pas de processedAt, donc sa partition est inconnue"
    case .noDay:
      "son processedAt tombe le {day} dans processed.timezone ({zone}), qui n’est pas un jour des années 0001 à 9999"
    case .noMember:
      MessageWords(
        "il n’a pas de membre {member}", advice: "ajoutez-le à l’export, car import ne le cherche nulle part ailleurs")
    case .packed: MessageWords("il est compressé ({format})", advice: "décompressez-le d’abord")
    case .otherCharset:
      MessageWords(
        "il semble être en {name}", advice: "convertissez-le d’abord, par exemple avec iconv -f {charset} -t utf-8")
    }
  }
}
