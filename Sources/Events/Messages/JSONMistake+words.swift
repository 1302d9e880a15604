package import ExactJSON

extension JSONMistake: MessageCode {
  package var arguments: [String] {
    switch self {
    case .noName, .noColon, .noCommaAfterMember, .noCommaAfterElement, .moreAfterValue, .noDigitAfterMinus,
      .noDigitAfterPoint, .noDigitInExponent, .notInNumber, .notEscaped, .invalidEscape, .noHexDigits, .noValue,
      .invalidUTF8, .decimalComma:
      ["found"]
    case .otherWord: ["word", "found"]
    case .endInWord: ["word"]
    case .tooDeep: ["limit"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .empty: "there is no value, only white space or nothing at all"
    case .endBeforeValue: "the text ends before a member's value"
    case .endInArray: "the text ends inside an array"
    case .endInObject: "the text ends inside an object"
    case .endInNumber: "the text ends inside a number"
    case .endInWord: "the text ends inside '{word}'"
    case .endInString: "the text ends inside a string"
    case .end: "the text ends"
    case .invalidUTF8: "byte {found} is not valid UTF-8 here"
    case .tooDeep: "more than {limit} objects and arrays stand inside each other"
    case .commaBeforeBrace: "a comma must not stand before '}'"
    case .commaBeforeBracket: "a comma must not stand before ']'"
    case .noName: "a member's name in double quotes is expected, not {found}"
    case .decimalComma: "a member's name is expected, not {found}; a number with a decimal comma? JSON has 12.50"
    case .noColon: "a colon is expected after a member's name, not {found}"
    case .noCommaBetweenMembers: "a comma is missing between two members"
    case .noCommaAfterMember: "a comma or '}' is expected after a member, not {found}"
    case .noCommaBetweenElements: "a comma is missing between two elements"
    case .noCommaAfterElement: "a comma or ']' is expected after an element, not {found}"
    case .moreAfterValue: "nothing but white space may follow the value, not {found}"
    case .noDigitAfterMinus: "a digit is expected after '-', not {found}"
    case .noDigitAfterPoint: "a digit is expected after the decimal point, not {found}"
    case .noDigitInExponent: "a digit is expected in the exponent, not {found}"
    case .leadingZero: "a number must not begin with a 0 that other digits follow"
    case .plusSign: "a number must not begin with '+'"
    case .leadingPoint: "a number must not begin with '.'"
    case .notInNumber: "{found} does not belong in a number"
    case .otherWord: "'{word}' is expected here, not {found}"
    case .unquoted: "only true, false, null and numbers stand without quotes"
    case .notEscaped: "{found} must be escaped in a string"
    case .invalidEscape: "a backslash and {found} are not an escape"
    case .noHexDigits: "four hexadecimal digits are expected after '\\u', not {found}"
    case .singleQuotes: "a string stands in double quotes, not in '"
    case .comment: "JSON has no comments"
    case .noValueBeforeComma: "a value is missing before a comma"
    case .noValue: "a value is expected, not {found}"
    }
  }

  package var french: MessageWords {
    switch self {
    case .empty: "le contenu est vide"
    case .endBeforeValue: "le texte s’arrête avant la valeur d’un membre"
    case .endInArray: "le texte s’arrête au milieu d’un tableau"
    case .endInObject: "le texte s’arrête au milieu d’un objet"
    case .endInNumber: "le texte s’arrête au milieu d’un nombre"
    case .endInWord: "le texte s’arrête au milieu de « {word} »"
    case .endInString: "le texte s’arrête au milieu d’une chaîne"
    case .end: "le texte s’arrête trop tôt"
    case .invalidUTF8: "l’octet {found} n’est pas de l’UTF-8 valide"
    case .tooDeep: "plus de {limit} objets et tableaux imbriqués"
    case .commaBeforeBrace: "virgule en trop avant « } »"
    case .commaBeforeBracket: "virgule en trop avant « ] »"
    case .noName: "il faut ici un nom de membre entre guillemets doubles, pas {found}"
    case .decimalComma: "il faut ici un nom de membre, pas {found} ; un nombre à virgule ? JSON veut 12.50"
    case .noColon: "il manque un deux-points après le nom d’un membre ({found} à sa place)"
    case .noCommaBetweenMembers: "il manque une virgule entre deux membres"
    case .noCommaAfterMember: "il faut une virgule ou « } » après un membre, pas {found}"
    case .noCommaBetweenElements: "il manque une virgule entre deux éléments"
    case .noCommaAfterElement: "il faut une virgule ou « ] » après un élément, pas {found}"
    case .moreAfterValue: "il y a quelque chose après la fin de la valeur : {found}"
    case .noDigitAfterMinus: "il faut un chiffre après « - », pas {found}"
    case .noDigitAfterPoint: "il faut un chiffre après le point décimal, pas {found}"
    case .noDigitInExponent: "il faut un chiffre dans l’exposant, pas {found}"
    case .leadingZero: "un nombre ne commence pas par un 0 suivi d’autres chiffres"
    case .plusSign: "un nombre ne commence pas par « + »"
    case .leadingPoint: "un nombre ne commence pas par « . »"
    case .notInNumber: "{found} n’a pas sa place dans un nombre"
    case .otherWord: "il faut ici « {word} », pas {found}"
    case .unquoted: "seuls true, false, null et les nombres s’écrivent sans guillemets"
    case .notEscaped: "{found} doit être échappé dans une chaîne"
    case .invalidEscape: "une barre oblique inverse suivie de {found} n’est pas un échappement valide"
    case .noHexDigits: "il faut quatre chiffres hexadécimaux après « \\u », pas {found}"
    case .singleQuotes: "une chaîne se met entre guillemets doubles, pas entre apostrophes"
    case .comment: "JSON n’admet pas de commentaires"
    case .noValueBeforeComma: "il manque une valeur avant une virgule"
    case .noValue: "il faut ici une valeur, pas {found}"
    }
  }
}

extension JSONError {
  /// What is wrong, without the place.
  package var message: Message {
    let code = mistake.rawValue
    let all: [(String, Message.Value?)] = [
      ("word", word.map { .text($0) }), ("found", found.map { .text($0) }), ("limit", limit.map { .integer($0) }),
    ]
    let arguments = all.compactMap { name, value in value.map { Message.Argument(name, $0) } }
    return Message(code: code, arguments: arguments.filter { mistake.arguments.contains($0.name) })
      ?? Message(said: code)
  }
}
