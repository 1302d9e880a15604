/// What is wrong with a reference, such as `${NAME}`, in a value; none of these sentences contains the referenced
/// value.
///
/// The second of two sentences that say the same is for a place where the reference itself may contain a secret.
package enum ReferenceMessage: String, MessageCode {
  case open = "reference-not-closed"
  case unclear = "reference-unclear"
  case unclearHere = "reference-unclear-here"
  case nested = "reference-nested"
  case nestedHere = "reference-nested-here"
  case tooLarge = "reference-too-large"
  case tooLargeHere = "reference-too-large-here"
  case unset = "variable-not-set"
  case unsetHere = "variable-not-set-here"
  case notText = "variable-not-utf-8"
  case notTextHere = "variable-not-utf-8-here"
  case noPath = "reference-without-path"
  case unreadable = "reference-file-unreadable"
  case unreadableHere = "reference-file-unreadable-here"
  case noText = "reference-file-without-text"
  case noTextHere = "reference-file-without-text-here"

  package var arguments: [String] {
    switch self {
    case .unclear, .nested, .tooLarge: ["reference"]
    case .unset: ["name", "variable"]
    case .notText: ["name"]
    case .unreadable: ["path", "why"]
    case .unreadableHere: ["why"]
    case .noText: ["path"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .open:
      MessageWords(
        "'${' has no '}' behind it",
        advice: "write ${NAME}, or put a text that has '${' in it into a file, and write ${file:PATH}")
    case .unclear:
      MessageWords("'{reference}' is not understood", advice: "write ${NAME}, ${NAME:-default} or ${file:PATH}")
    case .unclearHere:
      MessageWords("the reference here is not understood", advice: "write ${NAME}, ${NAME:-default} or ${file:PATH}")
    case .nested:
      MessageWords("'{reference}' contains another reference", advice: "only plain text can follow ':-'")
    case .nestedHere:
      MessageWords("a reference contains another", advice: "only plain text can follow ':-'")
    case .tooLarge: "the value of '{reference}' makes the configuration larger than 4 MiB"
    case .tooLargeHere: "the value of the reference here makes the configuration larger than 4 MiB"
    case .unset:
      MessageWords(
        "the environment variable '{name}' is not set", advice: "set it, or write ${{variable}:-default}")
    case .unsetHere:
      MessageWords(
        "the environment variable named here is not set",
        advice: "set it, or write ${NAME:-} if it is optional")
    case .notText: "the value of the environment variable '{name}' is not UTF-8"
    case .notTextHere: "the value of the environment variable named here is not UTF-8"
    case .noPath: "'${file:PATH}' needs the path of a file"
    case .unreadable: "the file '{path}' cannot be read{why|: #}"
    case .unreadableHere: "the file named here cannot be read{why|: #}"
    case .noText: "the file '{path}' does not contain a short UTF-8 text"
    case .noTextHere: "the file named here does not contain a short UTF-8 text"
    }
  }

  package var french: MessageWords {
    switch self {
    case .open:
      MessageWords(
        "« ${ » n’est suivi d’aucun « } »",
        advice: "écrivez ${NAME}, ou mettez un texte qui contient « ${ » dans un fichier, et écrivez ${file:PATH}")
    case .unclear:
      MessageWords(
        "« {reference} » est incompréhensible", advice: "écrivez ${NAME}, ${NAME:-default} ou ${file:PATH}")
    case .unclearHere:
      MessageWords(
        "la référence qui se trouve ici est incompréhensible",
        advice: "écrivez ${NAME}, ${NAME:-default} ou ${file:PATH}")
    case .nested:
      MessageWords(
        "« {reference} » contient une autre référence", advice: "seul un texte simple peut suivre « :- »")
    case .nestedHere:
      MessageWords("une référence en contient une autre", advice: "seul un texte simple peut suivre « :- »")
    case .tooLarge: "avec la valeur de « {reference} », la configuration dépasse 4 Mio"
    case .tooLargeHere: "avec la valeur de la référence qui se trouve ici, la configuration dépasse 4 Mio"
    case .unset:
      MessageWords(
        "la variable d’environnement « {name} » n’est pas définie",
        advice: "définissez-la, ou écrivez ${{variable}:-default}")
    case .unsetHere:
      MessageWords(
        "la variable d’environnement nommée ici n’est pas définie",
        advice: "définissez-la, ou écrivez ${NAME:-} si elle peut manquer")
    case .notText: "la valeur de la variable d’environnement « {name} » n’est pas en UTF-8"
    case .notTextHere: "la valeur de la variable d’environnement nommée ici n’est pas en UTF-8"
    case .noPath: "« ${file:PATH} » demande le chemin d’un fichier"
    case .unreadable: "le fichier « {path} » est illisible{why| : #}"
    case .unreadableHere: "le fichier nommé ici est illisible{why| : #}"
    case .noText: "le fichier « {path} » ne contient pas un court texte en UTF-8"
    case .noTextHere: "le fichier nommé ici ne contient pas un court texte en UTF-8"
    }
  }
}
