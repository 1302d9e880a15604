extension StatusMessage {
  package var french: MessageWords {
    switch self {
    case .well: "tout va bien"
    case .mendsItself: "se rétablit tout seul"
    case .needsPerson: "intervention nécessaire"
    case .wellAndStopped: "tout va bien : eventdrop est arrêté, et rien n’attend"
    case .verdict:
      "{state} : {text}{since| (depuis : #)}{next|, prochain essai : #}{advice| ; #}{more| (et # de plus)}"
    case .item: "{text}{since| (depuis : #)}{advice| ; #}"
    case .missing:
      MessageWords(
        "{count|# événement en attente n’a pas|# événements en attente n’ont pas} d’enregistrement",
        advice:
          "remontez ou remettez en place le dossier des enregistrements et redémarrez ; eventdrop list --status missing"
          + " dit lesquels, et eventdrop verify --forget-missing les abandonne pour de bon")
    case .failed:
      MessageWords(
        "{count|# fichier|# fichiers} dans failed/",
        advice: "eventdrop list --status failed dit pourquoi ; ensuite, eventdrop reprocess ID, ou eventdrop discard ID"
      )
    case .failedOfReason:
      MessageWords(
        "{count|# fichier|# fichiers} en échec ({reason}, dépôt « {inbox} »)", advice: "voyez eventdrop status")
    case .retry: "{count|# fichier|# fichiers} dans retry/, à retraiter"
    case .notRunning:
      MessageWords(
        "eventdrop est arrêté, et {count|# fichier ou événement attend|# fichiers et événements attendent}",
        advice: "démarrez-le (eventdrop run)")
    case .circuitOpen: "l’envoi est suspendu (circuit ouvert) : {why}"
    case .batchNotTaken: "un lot n’a pas été accepté : {why}"
    case .noReason: "la cause n’est pas connue"
    case .triedAgain: "un nouvel essai aura lieu de lui-même ; aucune intervention n’est nécessaire"
    case .silentWebhook: "le webhook demande une pause"
    case .inboxHangs:
      MessageWords(
        "le dépôt « {inbox} » ne répond pas ({path})",
        advice: "vérifiez le système de fichiers de son dossier ; les autres dépôts continuent")
    case .inboxBlocked: "le dépôt « {inbox} » est bloqué : {why}"
    case .inboxSilent:
      MessageWords("plus rien n’arrive dans le dépôt « {inbox} »", advice: "vérifiez l’expéditeur")
    case .inboxNeverBrought:
      MessageWords("le dépôt « {inbox} » n’a encore reçu aucun événement", advice: "vérifiez l’expéditeur")
    case .fileSystemHangs: "son système de fichiers ne répond pas"
    case .waiting:
      MessageWords(
        "{count|# fichier à traiter reste|# fichiers à traiter restent} dans le dépôt « {inbox} » ({reason})"
          + " : {count||le plus ancien, }« {name} »")
    case .claimed:
      MessageWords(
        "{count|# fichier pris en charge|# fichiers pris en charge} dans le dépôt « {inbox} » {count|n’est ni stocké ni"
          + " remis|ne sont ni stockés ni remis} en place, le premier est « {name} »")
    case .claimedFromRetry:
      MessageWords(
        "{count|# fichier pris en charge|# fichiers pris en charge} dans retry/ {count|n’est ni stocké ni remis|ne sont ni"
          + " stockés ni remis} en place, le premier est « {name} »")
    case .claimsGoOn: "ils seront stockés ou remis en place au fil du travail"
    case .claimsAtNextStart:
      MessageWords(
        "au prochain démarrage, eventdrop les stocke ou les remet en place ; ceux d’un dépôt qui n’est plus dans la"
          + " configuration retournent dans son dossier, ou dans failed/")
    case .startForClaims: "démarrez eventdrop (eventdrop run) : {end}"
    case .pruneOfMoreThanHalf:
      MessageWords(
        "rien n’est purgé : la purge enlèverait {partitions} partitions sur {all}, plus de la moitié",
        advice:
          "eventdrop prune --dry-run montre ce qui serait enlevé ; si c’est bien voulu, lancez : eventdrop prune --yes")
    case .pruneWithClockAhead:
      MessageWords(
        "rien n’est purgé : l’horloge indique {now}, plus d’un jour après ce qui a été vu en dernier ({newest})",
        advice:
          "eventdrop prune --dry-run montre ce qui serait enlevé ; si l’horloge est juste, lancez : eventdrop prune --yes"
      )
    case .retryBlocked: "les nouveaux essais sont bloqués : {why}"
    case .retentionBlocked: "la purge est bloquée : {why}"
    case .formerInboxBlocked: "ce qui a été pris dans un ancien dépôt ne peut pas y être remis : {why}"
    case .serviceBlocked: "{name} est bloqué : {why}"
    case .storeFails:
      MessageWords("le suivi des événements transmis ne peut pas être enregistré", advice: "voyez le journal")
    case .folderHangs:
      MessageWords("un dossier ne répond pas : {path}", advice: "vérifiez son système de fichiers")
    case .diskFull: "le disque est plein : {why}"
    case .folderFails: "{why}"
    case .folderNotWritable: "le dossier « {name} » n’est pas accessible en écriture : {why}"
    case .nothingKnown:
      MessageWords(
        "les dossiers ne répondent pas : rien n’est encore connu", advice: "vérifiez leurs systèmes de fichiers")
    case .settling:
      MessageWords("pas encore complet : modifié à l’instant", advice: "il sera pris dès qu’il ne changera plus")
    case .open:
      MessageWords(
        "encore ouvert dans le programme qui l’écrit", advice: "il sera pris dès que son expéditeur l’aura fermé")
    case .noMarker:
      MessageWords(
        "sans le marqueur qui le dit complet", advice: "l’expéditeur, ou quelqu’un d’autre, doit ajouter le marqueur")
    case .noPattern:
      MessageWords(
        "d’un nom que le dépôt ne prend pas",
        advice: "renommez-le, enlevez-le, ou réglez « include » pour ce dépôt")
    case .subFolder:
      MessageWords(
        "un sous-dossier qui n’est pas parcouru",
        advice: "sortez-en les fichiers, ou réglez « recursive » pour ce dépôt")
    case .unreadable:
      MessageWords(
        "impossible à lire ou à déplacer",
        advice: "donnez à l’utilisateur d’eventdrop le droit de le lire et de le déplacer")
    case .noRoom:
      MessageWords(
        "pas de place pour le stocker", advice: "libérez de la place sur le disque, ou des inodes (df -h, df -i)")
    case .notReachable:
      MessageWords(
        "le dossier ne répond pas",
        advice: "vérifiez le système de fichiers de son dossier ; les autres dépôts continuent")
    case .fleetAway:
      MessageWords(
        "la base commune ne répond pas, ou une autre machine s’en occupe",
        advice: "vérifiez la base de données de fleet.url et « eventdrop fleet status » ; cela reprend de soi-même")
    case .makeRoom: "libérez de la place sur le disque, ou des inodes (df -h, df -i)"
    case .makeRoomForIt: "libérez de la place pour ce fichier, ou enlevez-le"
    case .raiseQuota: "augmentez le quota, ou libérez de la place"
    case .mountForWriting:
      "montez le système de fichiers en écriture ; le journal du noyau dit pourquoi il est en lecture seule (dmesg)"
    case .raiseOpenFiles: "relevez la limite de fichiers ouverts (ulimit -n, LimitNOFILE=)"
    case .giveRights: "donnez à l’utilisateur d’eventdrop le droit d’y lire et d’y écrire"
    case .lookAtDisk: "vérifiez l’état du disque ; le journal du noyau donne les détails (dmesg)"
    case .lookAtFileSystem:
      "vérifiez son système de fichiers : le serveur d’un partage est peut-être injoignable (findmnt, dmesg)"
    case .lookAtArchive: "voyez ce que la commande attend"
    case .lookAtFleet:
      "vérifiez la base de données de fleet.url et « eventdrop fleet status » ; les fichiers attendent, et cela reprend de soi-même"
    case .databaseAway:
      MessageWords(
        "rien de nouveau n’est stocké, car la base commune ne répond pas : {why}",
        advice:
          "vérifiez la base de données de fleet.url ; les fichiers attendent dans leurs dépôts, et cela reprend de"
          + " soi-même")
    case .databaseUnusable:
      MessageWords(
        "rien de nouveau n’est stocké, car la base commune n’est pas comme elle doit être : {why}",
        advice: "eventdrop check dit ce qui lui manque ; les fichiers attendent dans leurs dépôts")
    case .joiningFleet: "rien de nouveau n’est encore stocké : cette machine rejoint les autres"
    case .fleetAwaits:
      MessageWords(
        "rien de nouveau n’est stocké, car la base commune a été restaurée, et ces machines n’y ont pas encore remis ce"
          + " qu’elles ont : {nodes}",
        advice: "démarrez-les ; pour celle qui ne reviendra jamais : eventdrop fleet forget NODE")
    case .claimedTooLongAgo:
      "ce qui a été réservé dans la base commune n’a pas été stocké à temps, et l’est à nouveau"
    case .lookAtPath: "vérifiez le chemin"
    case .folderReplaced: "le démon y passe de lui-même ; sinon, relancez la commande"
    case .makeRoomForCatalog: "libérez de la place sur le disque (df -h)"
    case .restartForCatalog:
      "redémarrez eventdrop : il reconstruit le catalogue à partir de l’arborescence, ce qu’il fait seul tant qu’il tourne"
    case .giveRightsInState: "donnez à l’utilisateur d’eventdrop le droit d’écrire dans le dossier d’état"
    case .rebuildCatalog:
      MessageWords(
        "arrêtez eventdrop, supprimez state/catalog.sqlite et redémarrez : le catalogue est alors reconstruit à partir des"
          + " fichiers")
    case .notification: "eventdrop sur {title} : {text}{since| (depuis : #)}{advice| ; #}"
    case .notificationOver: "eventdrop sur {title} : c’est terminé : {text}"
    case .notificationMore: "Pour plus de détails : eventdrop status, ou la page."
    case .test: "ceci est un essai, tout va bien"
    case .wayRecorded: "premier enregistrement, depuis le dépôt « {inbox} »"
    case .wayRewritten: "enregistré dans sa version actuelle"
    case .wayBack: "enregistré à nouveau après un nouvel essai ({reason})"
    case .wayAgain: "enregistré à nouveau : quelqu’un l’a déplacé ou redéposé"
    case .wayForwarded: "confirmé par le webhook (HTTP {status}, lot {batch})"
    case .wayAttempt: "envoi sans succès (HTTP {status}, lot {batch}) : {why}{response| ; réponse : #}"
    case .wayNoAnswer: "envoi sans succès (sans réponse, lot {batch}) : {why}"
    case .wayFailedFirst: "premier échec"
    case .wayFailed: "échec (essai {attempt}, {reason}) : {why}"
    case .wayNext: "nouvel essai"
    case .wayWaits: "en attente du webhook"
    case .wayWaitsLonger: "en attente du webhook, {attempts|# essai|# essais} jusqu’ici"
    case .wayPruned:
      "son enregistrement a été purgé ; son identité est conservée : s’il est redéposé, c’est un doublon"
    case .noReport: "le rapport qui devrait l’accompagner manque ou est illisible"
    }
  }
}
