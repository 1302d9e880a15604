extension ExpectationMessage {
  package var french: MessageWords { MessageWords(wanted + Self.insteadInFrench) }

  /// The end of each of these sentences; it contains nothing that would have to agree with what is expected.
  private static let insteadInFrench =
    "{text|, pas « # »}{origin|, ce que n’est pas la valeur de « # »}{found?empty=, pas un texte vide|list=, pas une liste"
    + "|mapping=, pas des clés et des valeurs|single=, pas une valeur seule|nothing=, et il n’y a rien ici"
    + "|reference=, ce que n’est pas la valeur de la référence"
    + "|mappingForList=, ou une liste, pas des clés et des valeurs}"

  private var wanted: String {
    switch self {
    case .configuration: "une configuration se compose de clés et de valeurs, comme « timezone: UTC »"
    case .keys: "il faut des clés et des valeurs{example|, comme « #: … »}"
    case .inboxes: "il faut une liste de dépôts, chacun précédé d’un « - »"
    case .claims: "il faut des revendications (claims) et leurs valeurs, comme « iss: eventdrop »"
    case .key: "une clé doit être un simple mot"
    case .boolean: "il faut true ou false"
    case .word: "il faut {words} ou {last}"
    case .integer: "il faut un nombre entier de {from} à {to}"
    case .size: "il faut une taille comme 512KiB ou 1MiB, ou un nombre d’octets"
    case .sizeInRange: "il faut une taille de {from} à {to}"
    case .compression: "il faut off, ou une taille comme 8KiB"
    case .duration: "il faut une durée comme 2s, 5m ou 1h"
    case .longDuration: "il faut une durée comme 2h ou 1d"
    case .days: "il faut une durée comme {example}"
    case .durationOrForever: "il faut une durée comme 30d, ou forever"
    case .durationOrOff: "il faut off, ou une durée comme 5ms"
    case .durationInRange: "il faut une durée de {from} à {to}"
    case .folderMode: #"il faut des droits en chiffres octaux, comme "0750""#
    case .schedule: "il faut une planification comme « every 5s » ou « 0 3 * * * »"
    case .timeZone: "il faut un fuseau horaire comme Europe/Paris"
    case .charset: "il faut le nom d’un jeu de caractères, comme utf-8, windows-1252 ou utf-16"
    case .command: "il faut une commande"
    case .title: "il faut un titre"
    case .inboxName:
      "il faut un nom de 1 à 64 lettres, chiffres, « . », « _ » et « - », qui ne commence pas par « . »"
    case .marker: "il faut la fin d’un nom, comme .done"
    case .pattern: "il faut un motif comme *.json"
    case .eventType: "il faut un type de 256 octets au plus, sur une seule ligne"
    case .eventIdPrefix: "il faut un texte de 256 octets au plus, sur une seule ligne"
    case .pointer: "il faut un pointeur JSON comme {example}"
    case .source: "il faut un pointeur JSON comme {example}, {words} ou {last}"
    case .path: "il faut un chemin"
    case .pemFile: "il faut le chemin d’un fichier au format PEM"
    case .variableName: "il faut le nom d’une variable d’environnement, comme AWS_PROFILE"
    case .address: "il faut une adresse comme {example}"
    case .listen: "il faut une adresse comme 127.0.0.1:8641, ou off"
    case .mailAddress: "il faut une adresse électronique comme ops@example.com"
    case .mailServer: "il faut un serveur de messagerie comme smtp://mail.example.com:587 ou mail.example.com:25"
    case .token: "il faut un jeton"
    case .user: "il faut un nom d’utilisateur"
    case .password: "il faut un mot de passe"
    case .headerName: "il faut le nom d’un en-tête, comme X-Api-Key"
    case .headerValue: "il faut la valeur d’un en-tête"
    case .tokenSecret: "il faut le secret qui signe les jetons"
    case .signingSecret:
      "il faut whsec_ suivi de 24 à 64 octets en base64, comme en produit « openssl rand -base64 32 »"
    }
  }
}
