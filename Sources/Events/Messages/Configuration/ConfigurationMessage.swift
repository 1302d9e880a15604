/// What is wrong with keys, or with combinations of values.
package enum ConfigurationMessage: String, MessageCode {
  case moreMistakes = "more-mistakes"
  case unknownKey = "unknown-key"
  case unknownKeyHere = "unknown-key-here"
  case emptyList = "list-empty"
  case emptyParts = "list-of-members-empty"
  // Inboxes and folders.
  case noInbox = "no-inbox"
  case tooManyInboxes = "too-many-inboxes"
  case sameName = "inbox-name-taken"
  case sameFolder = "folder-taken"
  case insideFolder = "folder-inside-another"
  case aroundFolder = "folder-around-another"
  case folderNotText = "folder-not-utf-8"
  // What requires or excludes something else.
  case backoff = "first-wait-longer-than-longest"
  case severalAuthentications = "several-authentications"
  case userAndAuthentication = "user-and-authentication"
  case noUser = "user-missing"
  case noHeaderName = "header-name-missing"
  case noCommand = "command-missing"
  case halfCertificate = "certificate-or-key-missing"
  case noMailAddress = "mail-address-missing"
  case noMailServer = "mail-server-missing"
  case shortToken = "admin-token-short"
  case noToken = "admin-token-missing"

  /// Whose folder the other one is; arguments that do not apply are empty, and `isDefault` is empty or `yes`.
  private static let owner = ["inbox", "line", "key", "isDefault"]

  package var arguments: [String] {
    switch self {
    case .unknownKey: ["key"]
    case .tooManyInboxes: ["limit", "count"]
    case .sameName: ["line", "name"]
    case .sameFolder, .insideFolder, .aroundFolder: Self.owner
    case .folderNotText: ["path"]
    case .backoff: ["first", "longest"]
    case .severalAuthentications: ["keys", "last"]
    case .userAndAuthentication, .noMailAddress: ["key"]
    case .shortToken: ["count"]
    case .noToken: ["port"]
    default: []
    }
  }
}

extension ConfigurationMessage {
  package var english: MessageWords {
    switch self {
    case .moreMistakes: MessageWords("there are more mistakes than can be listed", advice: "mend these first")
    case .unknownKey: "unknown key '{key}'"
    case .unknownKeyHere: "unknown key"
    case .emptyList: "this list must not be empty"
    case .emptyParts: "a list of members must not be empty"
    case .noInbox: "there must be at least one inbox"
    case .tooManyInboxes: "there can be {limit} inboxes, not {count}"
    case .sameName:
      MessageWords("the inbox in line {line} has the name '{name}' too", advice: "each needs a name of its own")
    case .sameFolder: MessageWords("this folder is \(Self.ofOwner)", advice: Self.ownFolder)
    case .insideFolder: MessageWords("this folder lies inside \(Self.ofOwner)", advice: Self.ownFolder)
    case .aroundFolder: MessageWords("this folder contains \(Self.ofOwner)", advice: Self.ownFolder)
    case .folderNotText:
      MessageWords(
        "the path of this folder is not UTF-8: {path}",
        advice: "move the configuration to a folder whose path is UTF-8, or write full paths in it")
    case .backoff:
      MessageWords(
        "the first wait, {first}, is longer than the longest, {longest}", advice: "set both 'first' and 'max'")
    case .severalAuthentications: "choose one of {keys} and {last}: a request can have one authentication"
    case .userAndAuthentication:
      MessageWords(
        "the address contains a user, and {key} is set too",
        advice: "a request can have one authentication, so remove one of them")
    case .noUser: "a user is needed too"
    case .noHeaderName: "a name is needed too, such as X-Api-Key"
    case .noCommand: "a command is needed too"
    case .halfCertificate:
      MessageWords("a certificate needs its key, and a key its certificate", advice: "set both")
    case .noMailAddress: "an address is needed in '{key}' as well"
    case .noMailServer: "a server is needed in 'smtp' as well, such as smtp://mail.example.com:587"
    case .shortToken:
      MessageWords(
        "other machines can reach admin.listen, so the token needs {count} characters at least, as 'openssl rand -hex 16'"
          + " makes them")
    case .noToken:
      MessageWords(
        "other machines can reach this address, so admin.token must be set", advice: "or listen on 127.0.0.1:{port}")
    }
  }

  private static let ofOwner =
    "that of {inbox|the inbox '#'}{line|the inbox in line #}{key|#}{isDefault?yes=, which is at its default}"
  private static let ownFolder = "each needs a folder of its own"

  package var french: MessageWords {
    switch self {
    case .moreMistakes:
      MessageWords("il y a plus d’erreurs qu’il n’en peut être affiché", advice: "corrigez d’abord celles-ci")
    case .unknownKey: "clé inconnue : « {key} »"
    case .unknownKeyHere: "clé inconnue"
    case .emptyList: "cette liste ne doit pas être vide"
    case .emptyParts: "une liste de membres ne doit pas être vide"
    case .noInbox: "il faut au moins un dépôt"
    case .tooManyInboxes: "il peut y avoir {limit} dépôts, pas {count}"
    case .sameName:
      MessageWords(
        "le dépôt de la ligne {line} porte aussi le nom « {name} »", advice: "donnez à chacun son propre nom")
    case .sameFolder: MessageWords("ce dossier est \(Self.ofOwnerInFrench)", advice: Self.ownFolderInFrench)
    case .insideFolder: MessageWords("ce dossier est dans \(Self.ofOwnerInFrench)", advice: Self.ownFolderInFrench)
    case .aroundFolder: MessageWords("ce dossier contient \(Self.ofOwnerInFrench)", advice: Self.ownFolderInFrench)
    case .folderNotText:
      MessageWords(
        "le chemin de ce dossier n’est pas en UTF-8 : {path}",
        advice: "placez la configuration dans un dossier dont le chemin est en UTF-8, ou donnez-y des chemins complets")
    case .backoff:
      MessageWords(
        "la première attente, {first}, dépasse la plus longue, {longest}", advice: "réglez « first » et « max »")
    case .severalAuthentications: "choisissez entre {keys} et {last} : une requête n’a qu’une authentification"
    case .userAndAuthentication:
      MessageWords(
        "l’adresse contient un utilisateur, et {key} donne aussi une authentification",
        advice: "une requête n’en a qu’une : retirez l’un des deux")
    case .noUser: "il faut aussi un utilisateur"
    case .noHeaderName: "il faut aussi un nom, comme X-Api-Key"
    case .noCommand: "il faut aussi une commande"
    case .halfCertificate:
      MessageWords("un certificat ne va pas sans sa clé, ni une clé sans son certificat", advice: "donnez les deux")
    case .noMailAddress: "il faut aussi une adresse dans « {key} »"
    case .noMailServer: "il faut aussi un serveur dans « smtp », comme smtp://mail.example.com:587"
    case .shortToken:
      MessageWords(
        "d’autres machines peuvent joindre admin.listen : il faut un jeton de {count} caractères au moins, comme en"
          + " produit « openssl rand -hex 16 »")
    case .noToken:
      MessageWords(
        "d’autres machines peuvent joindre cette adresse : il faut définir admin.token",
        advice: "ou bien écoutez sur 127.0.0.1:{port}")
    }
  }

  private static let ofOwnerInFrench =
    "celui {inbox|du dépôt « # »}{line|du dépôt de la ligne #}{key|de #}{isDefault?yes=, qui a sa valeur par défaut}"
  private static let ownFolderInFrench = "donnez à chacun son propre dossier"
}
