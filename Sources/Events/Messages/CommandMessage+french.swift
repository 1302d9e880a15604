extension CommandMessage {
  package var french: MessageWords {
    switch self {
    case .running: "en marche (processus {process})"
    case .notRunning: "arrêté"
    case .inbox: "dépôt {inbox}"
    case .inboxPlace: "dans {path}{last|, dernière arrivée : #}"
    case .waitingFiles:
      MessageWords(
        "{reason} : {count|# fichier|# fichiers}, {text} ; le plus ancien : {name} (depuis : {since}){advice| ; #}")
    case .waitingFolders:
      MessageWords(
        "{reason} : {count|# dossier|# dossiers}, {text} ; le plus ancien : {name} (depuis : {since}){advice| ; #}")
    case .pending: "en attente"
    case .missing: "sans enregistrement"
    case .forwarded: "transmis"
    case .claimed: "pris en charge"
    case .unknown: "inconnu"
    case .oldestPending: "le plus ancien : {time}"
    case .recordsMissing: "en attente, mais leurs enregistrements ne sont plus là"
    case .lastAcknowledged: "dernier accusé de réception : {time}"
    case .claimedFiles:
      "du dépôt « {inbox} » : {count|# fichier|# fichiers} ; le premier : {name} (depuis : {since})"
    case .claimedFilesOfRetry: "de retry/ : {count|# fichier|# fichiers} ; le premier : {name} (depuis : {since})"
    case .webhookUnseen: "inconnu ici : forward.url renvoie à une variable ou à un fichier que seul le démon possède"
    case .webhookMissing: "aucun : les événements sont stockés et restent en attente"
    case .webhookOfDaemon: "inconnu ici : seul le démon en a reçu un"
    case .closed: "fermé"
    case .silent: "fermé ; aucun envoi avant : {time}{why| : #}"
    case .attempt: "fermé ; prochain essai : {time}{why| : #}"
    case .open: "ouvert{since| (depuis : #)}{next|, prochain essai : #}{why| : #}"
    case .next: "prochains passages"
    case .never: "jamais"
    case .runRetry: "nouveaux essais"
    case .runForward: "envoi"
    case .runRetention: "purge"
    case .partitions: "partitions"
    case .partitionSums: "{partitions}, {records|# enregistrement|# enregistrements}, {size}"
    case .records: "{records|# enregistrement|# enregistrements}"
    case .pendingCount: "{count} en attente"
    case .failures: "échecs"
    case .failureGroup: "{count|# fichier|# fichiers}{inbox|, dépôt #}{newest|, dernier échec : #}"
    case .moreFiles: "et {count} de plus"
    case .time: "heure"
    case .status: "état"
    case .place: "où"
    case .day: "jour"
    case .events: "événements"
    case .size: "taille"
    case .member: "membre"
    case .record: "enregistrement"
    case .file: "fichier"
    case .nothing: "(absent)"
    case .noSuchEvents: "aucun événement ne correspond"
    case .noEvents: "aucun événement"
    case .moreEvents: "il y en a d’autres ; pour la suite, relancez avec --cursor {cursor}"
    case .unknownEvent: "l’événement « {eventId} » est inconnu ; {command} montre ceux qui existent"
    case .noRecord: "l’événement « {eventId} » n’a pas d’enregistrement auquel comparer son fichier"
    case .noFile:
      "aucun fichier de l’événement « {eventId} » n’est dans retry/ ni dans failed/ : il n’y a pas de conflit"
    case .noEventInFile: "le fichier {file} ne contient aucun événement"
    case .fileOpen: "le fichier {file} est en cours d’écriture"
    case .sameContent: "eventType, data et attributes sont identiques"
    case .ifFileIsRight: "si le fichier est le bon : {command}"
    case .ifRecordIsRight: "si l’enregistrement est le bon : {command}"
    case .mended: "réparé :"
    case .nothingStored: "rien n’est encore stocké"
    case .claimedCount: "{count|# fichier pris en charge|# fichiers pris en charge}"
    case .verified:
      MessageWords(
        "{records|# enregistrement|# enregistrements} dans {partitions|# partition|# partitions},"
          + " {acknowledgements|# accusé de réception|# accusés de réception}{claimed|, #} :"
          + " {findings|# anomalie|# anomalies}{mended|, dont # réparées}")
    case .verifiedWell:
      MessageWords(
        "{records|# enregistrement|# enregistrements} dans {partitions|# partition|# partitions},"
          + " {acknowledgements|# accusé de réception|# accusés de réception}{claimed|, #} : tout va bien")
    case .otherRuns:
      MessageWords(
        "un autre eventdrop{process| (processus #)} travaille sur {state}",
        advice: "arrêtez-le, ou réglez standby: true pour attendre sa fin")
    case .standsAlone: "fleet.url n’est pas défini : cette machine est seule"
    case .reindexed: "{records|# enregistrement|# enregistrements} en {time}, soit {rate} par seconde"
    case .machine: "machine"
    case .lastSeen: "vue"
    case .recordCount: "enregistrements"
    case .pendingEvents: "en attente"
    case .counter: "compteur"
    case .ago: "il y a {time}"
    case .tablesReady: "les tables sont prêtes ; chaque machine rejoint la base commune à son démarrage"
    case .noMachine: MessageWords("aucune machine ne s’appelle « {name} »", advice: "{command} en donne la liste")
    case .machineForgotten: "les autres machines n’attendent plus « {name} »"
    }
  }
}
