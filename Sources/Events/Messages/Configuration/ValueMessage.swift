/// Why the value of a key is refused, whatever its text: none of these sentences quotes it.
///
/// The last two arguments say whose value it is, and are empty if it is in the file itself: `origin` is a reference,
/// and `found` is `reference` for one whose name is not shown.
package enum ValueMessage: String, MessageCode {
  // Texts of several lines.
  case commandLines = "command-not-in-one-line"
  case titleLines = "title-not-in-one-line"
  case tokenLines = "token-not-in-one-line"
  case passwordLines = "password-not-in-one-line"
  case headerValueLines = "header-value-not-in-one-line"
  case pathLines = "path-not-in-one-line"
  // Permissions.
  case modeTooHigh = "permissions-too-high"
  case modeWithoutOwner = "permissions-without-owner"
  // The origin of members.
  case wholeEvent = "whole-event-is-no-text"
  // File names.
  case uselessPattern = "pattern-matches-nothing"
  case emptyPath = "path-empty"
  case homeFolder = "path-with-tilde"
  case addressAsPath = "path-is-address"
  case noPEMPath = "pem-file-is-no-path"
  // The web.
  case noScheme = "address-without-scheme"
  case otherScheme = "address-of-other-scheme"
  case notEncoded = "address-not-encoded"
  case fragment = "address-with-fragment"
  case noHost = "address-without-host"
  case noPort = "address-without-port"
  case passwordNotEncoded = "address-password-not-encoded"
  case user = "user-with-colon"
  case ownHeader = "header-of-eventdrop"
  case variableWithValue = "variable-with-value"

  /// The sentences that say whose value it is.
  package static let whose = ["origin", "found"]

  package var arguments: [String] {
    let own: [String] =
      switch self {
      case .uselessPattern: ["why"]
      case .noScheme, .notEncoded, .fragment, .noHost, .noPort, .passwordNotEncoded: ["example"]
      case .otherScheme: ["example", "words", "last"]
      default: []
      }
    return own + Self.whose
  }
}

extension ValueMessage {
  package var english: MessageWords { MessageWords(refusal + Self.whoseInEnglish) }

  /// The end of each of these sentences.
  private static let whoseInEnglish =
    "{origin|, in the value of '#'}{found?reference=, in what the reference stands for}"

  private var refusal: String {
    switch self {
    case .commandLines: "expected a command in one line"
    case .titleLines: "expected a title in one line"
    case .tokenLines: "expected a token in one line"
    case .passwordLines: "expected a password in one line"
    case .headerValueLines: "expected a header's value in one line"
    case .pathLines: "a path must be on one line"
    case .modeTooHigh: #"permissions go up to "0777""#
    case .modeWithoutOwner: #"the owner needs all rights in the folders, so permissions are "0700" to "0777""#
    case .wholeEvent: #""" means the whole event, which is not a text; name a member"#
    case .uselessPattern: "this pattern of file names matches nothing: {why}"
    case .emptyPath: "a path must not be empty"
    case .homeFolder: "'~' is not replaced here; write the full path, or use ${HOME}"
    case .addressAsPath: "this is an address; a path on this machine is needed, such as /srv/sftp/orders"
    case .noPEMPath: "this is not a path; put the key or certificate into a file, and write the path of that file here"
    case .noScheme: "expected an address such as {example}, but it has no scheme"
    case .otherScheme: "expected an address such as {example}, but its scheme is not {words} or {last}"
    case .notEncoded:
      "expected an address such as {example}, but it contains a character that must be percent-encoded, such as %20 for a"
        + " space"
    case .fragment: "expected an address such as {example}, but the part from '#' on would not be sent"
    case .noHost: "expected an address such as {example}, but its host is missing or invalid"
    case .noPort: "expected an address such as {example}, but its port is not a number from 1 to 65535"
    case .passwordNotEncoded:
      "expected an address such as {example}, but there is an '@' in it that ends no user and password; in a password, write"
        + " %40 for '@' and %2F for '/'"
    case .user: "a user name must not contain ':' or a line break"
    case .ownHeader: "eventdrop itself sets this header; name another, such as X-Api-Key"
    case .variableWithValue:
      "only names of variables belong here, such as AWS_PROFILE; remove the '=' and what follows, and set the variable where"
        + " eventdrop itself gets its environment"
    }
  }

  package var french: MessageWords { MessageWords(refusalInFrench + Self.whoseInFrench) }

  private static let whoseInFrench =
    "{origin|, dans la valeur de « # »}{found?reference=, dans la valeur de la référence}"

  private var refusalInFrench: String {
    switch self {
    case .commandLines: "il faut une commande sur une seule ligne"
    case .titleLines: "il faut un titre sur une seule ligne"
    case .tokenLines: "il faut un jeton sur une seule ligne"
    case .passwordLines: "il faut un mot de passe sur une seule ligne"
    case .headerValueLines: "il faut la valeur d’un en-tête sur une seule ligne"
    case .pathLines: "un chemin tient sur une seule ligne"
    case .modeTooHigh: #"les droits vont jusqu’à "0777""#
    case .modeWithoutOwner:
      #"le propriétaire a besoin de tous les droits sur les dossiers : les droits vont de "0700" à "0777""#
    case .wholeEvent: #"l’événement entier, que "" désigne, n’est pas un texte ; nommez un membre"#
    case .uselessPattern: "ce motif de noms de fichiers ne correspond à rien : {why}"
    case .emptyPath: "un chemin ne doit pas être vide"
    case .homeFolder: "« ~ » ne désigne ici aucun dossier ; écrivez le chemin à partir de « / », ou mettez ${HOME}"
    case .addressAsPath: "c’est une adresse ; il faut un chemin sur cette machine, comme /srv/sftp/orders"
    case .noPEMPath:
      "ce n’est pas un chemin ; mettez la clé ou le certificat dans un fichier, et écrivez ici le chemin de ce fichier"
    case .noScheme: "il faut une adresse comme {example} ; ici, il manque le schéma au début"
    case .otherScheme: "il faut une adresse comme {example} ; son schéma doit être {words} ou {last}"
    case .notEncoded:
      "il faut une adresse comme {example} ; ici, un caractère est à encoder avec %, comme %20 pour une espace"
    case .fragment: "il faut une adresse comme {example} ; ici, la partie à partir de « # » ne serait pas envoyée"
    case .noHost: "il faut une adresse comme {example} ; ici, l’hôte manque ou n’est pas valide"
    case .noPort: "il faut une adresse comme {example} ; son port doit être un nombre de 1 à 65535"
    case .passwordNotEncoded:
      "il faut une adresse comme {example} ; ici, un « @ » ne suit pas l’utilisateur et son mot de passe ; dans un mot de"
        + " passe, écrivez %40 pour « @ » et %2F pour « / »"
    case .user: "un nom d’utilisateur ne contient ni « : » ni saut de ligne"
    case .ownHeader: "cet en-tête est mis par eventdrop lui-même ; nommez-en un autre, comme X-Api-Key"
    case .variableWithValue:
      "seuls des noms de variables ont leur place ici, comme AWS_PROFILE ; retirez le « = » et ce qui suit, et définissez"
        + " la variable là où eventdrop lui-même reçoit son environnement"
    }
  }
}
