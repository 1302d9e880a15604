/// What was probably meant by a wrong value or key; it follows the mistake.
package enum HintMessage: String, MessageCode {
  case write = "hint-write"
  case writeInQuotes = "hint-write-in-quotes"
  case writeIfMeant = "hint-write-if-meant"
  case seconds = "hint-seconds"
  case days = "hint-days"
  case misspelt = "hint-misspelt"
  case choice = "hint-choice"
  case constant = "hint-constant"
  case pointerEscapes = "hint-pointer-escapes"
  case charsets = "hint-charsets"
  case plainQuotes = "hint-plain-quotes"
  case plainSpaces = "hint-plain-spaces"
  case hiddenCharacter = "hint-hidden-character"
  case oddSpace = "hint-odd-space"
  case spaceBehindColon = "hint-space-behind-colon"

  package var arguments: [String] {
    switch self {
    case .write, .writeInQuotes, .writeIfMeant, .seconds, .days, .misspelt: ["text"]
    case .choice: ["keys"]
    case .constant: ["key", "text"]
    case .hiddenCharacter, .oddSpace: ["code"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .write: "write {text}"
    case .writeInQuotes: "write '{text}'"
    case .writeIfMeant: "write {text}, if that is meant"
    case .seconds: "if these are seconds, write {text}"
    case .days: "if these are days, write {text}"
    case .misspelt: "did you mean '{text}'?"
    case .choice: "there are {keys}"
    case .constant: "if all events are of this type, write {key}: {text}"
    case .pointerEscapes: "'~' is written ~0 in it, and a '/' inside a name ~1"
    case .charsets: "iconv -l lists them"
    case .plainQuotes: #"these quotes are part of the text: write plain ones, " or '"#
    case .plainSpaces: "a space before it is not a plain one, and YAML indents with plain spaces only"
    case .hiddenCharacter: "it contains an invisible character, U+{code}: delete it"
    case .oddSpace: "it contains a space that is U+{code}, not a plain one: type that space again"
    case .spaceBehindColon: "write a space after ':'"
    }
  }

  package var french: MessageWords {
    switch self {
    case .write: "écrivez {text}"
    case .writeInQuotes: "écrivez « {text} »"
    case .writeIfMeant: "écrivez {text}, si c’est ce que vous vouliez"
    case .seconds: "si ce sont des secondes, écrivez {text}"
    case .days: "si ce sont des jours, écrivez {text}"
    case .misspelt: "vouliez-vous dire « {text} » ?"
    case .choice: "il existe {keys}"
    case .constant: "si tous les événements sont de ce type, écrivez {key}: {text}"
    case .pointerEscapes: "« ~ » s’y écrit ~0, et un « / » à l’intérieur d’un nom ~1"
    case .charsets: "iconv -l en donne la liste"
    case .plainQuotes:
      "ces guillemets font partie du texte : mettez des guillemets droits ou des apostrophes droites"
    case .plainSpaces:
      "une espace placée devant n’est pas de celles qui indentent en YAML : mettez des espaces ordinaires"
    case .hiddenCharacter: "un caractère invisible, U+{code}, s’y trouve : supprimez-le"
    case .oddSpace: "une des espaces est U+{code}, et non une espace ordinaire : retapez cette espace"
    case .spaceBehindColon: "mettez une espace après « : »"
    }
  }
}
