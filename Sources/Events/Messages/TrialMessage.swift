/// What would happen to a file (`eventdrop test`), and why an inbox does not take it, or not yet.
///
/// A message about a reason by which `status` counts files begins with that word in every language.
package enum TrialMessage: String, MessageCode {
  // What it is.
  case own = "trial-own"
  case folderOfFiles = "trial-folder-looked-into"
  case hiddenFolder = "trial-hidden-folder"
  case folder = "trial-folder"
  case onlyEnding = "trial-only-marker-ending"
  case markerAlone = "trial-marker-without-file"
  case marker = "trial-marker"
  case hardLinks = "trial-hard-links"
  case symbolicLink = "trial-symbolic-link"
  case pipe = "trial-pipe"
  case socket = "trial-socket"
  case device = "trial-device"
  case moved = "trial-moved-to-failed"
  case andIs = "trial-reason-and-kind"
  // What its name, state and place show.
  case ofInbox = "trial-of-inbox"
  case excluded = "trial-excluded"
  case notIncluded = "trial-not-included"
  case noMarker = "trial-no-marker"
  case settling = "trial-settling"
  case settlingOnShare = "trial-settling-on-share"
  case open = "trial-open"
  case changing = "trial-changing"
  case unreadable = "trial-unreadable"
  case unmovable = "trial-unmovable"
  case noRoom = "trial-no-room"
  case inHand = "trial-in-hand"
  case inHiddenFolder = "trial-in-hidden-folder"
  case inFolder = "trial-in-sub-folder"
  // Labels.
  case inbox = "trial-label-inbox"
  case but = "trial-label-but"
  case ready = "trial-label-ready"
  case charset = "trial-label-charset"
  case wrong = "trial-label-wrong"
  case record = "trial-label-record"
  case liesThere = "trial-lies-there"
  case takesName = "trial-takes-name"
  case takenByNone = "trial-taken-by-none"
  case takenNext = "trial-taken-next"
  case new = "trial-new"
  case duplicate = "trial-duplicate"
  case conflict = "trial-conflict"
  case failed = "trial-failed"
  case event = "trial-event"
  case outcome = "trial-outcome"
  case showsDifference = "trial-shows-difference"
  case isMore = "trial-is-more"
  case noEvents = "trial-no-events"
  case noFile = "trial-no-file"
  case noInbox = "trial-no-such-inbox"

  package var arguments: [String] {
    switch self {
    case .onlyEnding, .folderOfFiles, .own, .hiddenFolder, .folder: []
    case .markerAlone, .marker: ["file"]
    case .hardLinks: ["links"]
    case .moved: ["kind"]
    case .andIs: ["why", "kind"]
    case .ofInbox: ["inbox", "why"]
    case .excluded: ["pattern"]
    case .notIncluded: ["patterns"]
    case .noMarker: ["marker"]
    case .settling: ["age", "settle"]
    case .settlingOnShare: ["age", "quiet"]
    case .unreadable: ["why", "advice"]
    case .unmovable: ["folder"]
    case .noRoom: ["folder", "advice"]
    case .inHiddenFolder: ["folder"]
    case .inFolder, .liesThere, .takesName: ["inbox"]
    case .event: ["index", "text"]
    case .outcome: ["outcome", "text"]
    case .showsDifference: ["command"]
    case .noFile: ["path"]
    case .noInbox: ["inbox"]
    default: []
    }
  }

  package var english: MessageWords {
    switch self {
    case .own: "it belongs to eventdrop and is not a drop"
    case .folderOfFiles: "it is a folder; its files are taken, so name one of them"
    case .hiddenFolder: "sub-folder: it is a hidden folder, which is not looked into"
    case .folder: "sub-folder: it is a folder, which is not looked into, as the inbox is not recursive; name a file"
    case .onlyEnding: "no-pattern: its name is the ending of markers, and nothing before it"
    case .markerAlone:
      "no-pattern: it is the marker of {file}, which is not there; it stays until that is dropped"
    case .marker: "it is the marker of {file}, and goes with it"
    case .hardLinks: "a file of {links} names (hard links), which is never opened"
    case .symbolicLink: "a symbolic link, which is never followed"
    case .pipe: "a pipe, which is never opened"
    case .socket: "a socket, which is never opened"
    case .device: "a device, which is never opened"
    case .moved: "it is {kind}; it is moved to failed/ as it is"
    case .andIs: "{why}; and it is {kind}"
    case .ofInbox: "inbox '{inbox}': {why}"
    case .excluded: "no-pattern: its name matches '{pattern}' of 'exclude'"
    case .notIncluded: "no-pattern: its name matches no pattern of 'include' ({patterns})"
    case .noMarker: "no-marker: its marker, {marker}, is not there yet"
    case .settling: "settling: it changed {age} ago, and 'settle' is {settle}"
    case .settlingOnShare:
      "settling: it changed {age} ago, and on a share, lines are taken after {quiet} of quiet"
    case .open: "open: a process of this machine has it open for writing (fuser, or lsof, names it)"
    case .changing: "open: it is changing now, or somebody has it open for writing; try again once it is closed"
    case .unreadable: "unreadable: {why}; {advice}"
    case .unmovable:
      "unreadable: whoever asks here has no right to move it out of {folder}; eventdrop needs that right"
    case .noRoom: "no-room: there is not enough room to store it in {folder}; {advice}"
    case .inHand: "it is in eventdrop's own hands already; it is finished, or put back at the next start"
    case .inHiddenFolder: "sub-folder: it lies in '{folder}', and hidden folders are not looked into"
    case .inFolder: "sub-folder: it lies in a sub-folder of the inbox '{inbox}', which is not recursive"
    case .inbox: "inbox"
    case .but: "but"
    case .ready: "ready"
    case .charset: "charset"
    case .wrong: "wrong"
    case .record: "record"
    case .liesThere: "{inbox}, where it lies"
    case .takesName: "{inbox}, which takes files of this name"
    case .takenByNone: "none takes it"
    case .takenNext: "it is taken with the next look, where eventdrop runs"
    case .new: "new"
    case .duplicate: "duplicate"
    case .conflict: "conflict"
    case .failed: "failed"
    case .event: "event {index}: {text}"
    case .outcome: "{outcome}: {text}"
    case .showsDifference: "once it is in failed/, this shows what differs: {command}"
    case .isMore:
      "there are more events than are shown; of those that cannot be read, at least the first is shown"
    case .noEvents: "there is no event in it; it is removed, and nothing is stored"
    case .noFile: "{path}: there is no such file; see --help"
    case .noInbox: "--inbox: there is no inbox '{inbox}'; see --help"
    }
  }

  package var french: MessageWords {
    switch self {
    case .own: "il appartient à eventdrop et n’est pas un fichier déposé"
    case .folderOfFiles: "c’est un dossier, dont les fichiers sont pris : nommez l’un d’eux"
    case .hiddenFolder: "sub-folder : c’est un dossier caché, qui n’est pas parcouru"
    case .folder:
      "sub-folder : c’est un dossier, qui n’est pas parcouru, car le dépôt n’est pas récursif ; nommez un fichier"
    case .onlyEnding: "no-pattern : son nom n’est que la terminaison des marqueurs, sans rien devant"
    case .markerAlone:
      "no-pattern : c’est le marqueur de {file}, qui n’est pas là ; il attend que ce fichier soit déposé"
    case .marker: "c’est le marqueur de {file}, qu’il suit"
    case .hardLinks: "un fichier à {links} noms (liens physiques), qui n’est jamais ouvert"
    case .symbolicLink: "un lien symbolique, qui n’est jamais suivi"
    case .pipe: "un tube nommé, qui n’est jamais ouvert"
    case .socket: "une socket, qui n’est jamais ouverte"
    case .device: "un périphérique, qui n’est jamais ouvert"
    case .moved: "c’est {kind} ; il sera déplacé tel quel dans failed/"
    case .andIs: "{why} ; et c’est {kind}"
    case .ofInbox: "dépôt « {inbox} » : {why}"
    case .excluded: "no-pattern : son nom correspond à « {pattern} », un motif de « exclude »"
    case .notIncluded: "no-pattern : son nom ne correspond à aucun motif de « include » ({patterns})"
    case .noMarker: "no-marker : son marqueur, {marker}, n’est pas encore là"
    case .settling: "settling : il a changé il y a {age}, et « settle » vaut {settle}"
    case .settlingOnShare:
      MessageWords(
        "settling : il a changé il y a {age} ; sur un partage, un fichier de lignes n’est pris qu’après {quiet} sans"
          + " changement")
    case .open: "open : un processus de cette machine l’a ouvert en écriture (fuser ou lsof le nomme)"
    case .changing: "open : il est en train de changer, ou ouvert en écriture ; réessayez une fois qu’il est fermé"
    case .unreadable: "unreadable : {why} ; {advice}"
    case .unmovable:
      MessageWords(
        "unreadable : l’utilisateur de cette commande n’a pas le droit de le sortir de {folder} ; eventdrop a besoin de ce"
          + " droit")
    case .noRoom: "no-room : il n’y a pas assez de place pour le stocker dans {folder} ; {advice}"
    case .inHand:
      "eventdrop l’a déjà pris en charge ; il sera traité, ou remis en place au prochain démarrage"
    case .inHiddenFolder: "sub-folder : il se trouve dans « {folder} », et les dossiers cachés ne sont pas parcourus"
    case .inFolder: "sub-folder : il se trouve dans un sous-dossier du dépôt « {inbox} », qui n’est pas récursif"
    case .inbox: "dépôt"
    case .but: "mais"
    case .ready: "prêt"
    case .charset: "charset"
    case .wrong: "erreur"
    case .record: "résultat"
    case .liesThere: "{inbox}, où il se trouve"
    case .takesName: "{inbox}, qui prend les fichiers de ce nom"
    case .takenByNone: "aucun ne le prend"
    case .takenNext: "il sera pris au prochain passage, si eventdrop est en marche"
    case .new: "nouveau"
    case .duplicate: "doublon"
    case .conflict: "conflit"
    case .failed: "échec"
    case .event: "événement {index} : {text}"
    case .outcome: "{outcome} : {text}"
    case .showsDifference: "une fois dans failed/, ceci montre les différences : {command}"
    case .isMore:
      "tous les événements ne sont pas montrés ; de ceux qui sont illisibles, le premier au moins est montré"
    case .noEvents: "il ne contient aucun événement ; il sera supprimé, et rien ne sera stocké"
    case .noFile: "{path} : ce fichier n’existe pas ; voyez --help"
    case .noInbox: "--inbox : il n’y a pas de dépôt « {inbox} » ; voyez --help"
    }
  }
}
