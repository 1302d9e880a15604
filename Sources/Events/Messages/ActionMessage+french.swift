extension ActionMessage {
  package var french: MessageWords {
    switch self {
    case .moved: "{from} déplacé vers {to}"
    case .wouldMove: "{from} serait déplacé vers {to}"
    case .movedRecord: "enregistrement {from} déplacé vers {to}"
    case .wouldMoveRecord: "enregistrement {from} : serait déplacé vers {to}"
    case .gone: "déjà parti : {path}"
    case .notMoved: "non déplacé : {path} : {why}"
    case .noInbox: "il n’y a pas de dépôt"
    case .notTakenThere:
      MessageWords(
        "le dépôt « {inbox} » ne prend aucun fichier de ce nom (include, exclude)",
        advice: "renommez le fichier avec mv")
    case .otherFileSystem:
      "ce n’est pas un fichier ordinaire, et le dépôt se trouve sur un autre système de fichiers"
    case .otherThanState:
      "ce n’est pas un fichier ordinaire, et le dossier « state » se trouve sur un autre système de fichiers"
    case .noFile:
      MessageWords(
        "il n’y a aucun fichier à déplacer pour l’événement « {eventId} »",
        advice: "{command} montre ce qui en est connu")
    case .noConflict:
      MessageWords(
        "il n’y a aucun fichier en conflit à déplacer pour l’événement « {eventId} »",
        advice: "{command} montre ce qui en est connu")
    case .noFailedFile:
      MessageWords("il n’y a aucun fichier en échec pour « {subject} »", advice: "{command} montre ceux qui existent")
    case .noFiles: "aucun fichier ne correspond"
    case .flushed: "le démon essaie maintenant le webhook, reprend ce qui est échu et consulte les dépôts"
    case .noDaemon: MessageWords("aucun eventdrop ne travaille sur {state}", advice: "démarrez-en un avec {command}")
    case .notHeard: MessageWords("le démon n’a pas réagi en 10s", advice: "voyez son journal")
    case .pruned: "{date} purgé"
    case .wouldPrune: "{date} serait purgé"
    case .kept: "{date} conservé : {why}"
    case .pendingEvents:
      MessageWords(
        "{count|# de ses événements est|# de ses événements sont} en attente",
        advice: "ce jour sera purgé une fois que n8n les aura confirmés")
    case .unknownRecords:
      MessageWords(
        "{count|# de ses enregistrements est|# de ses enregistrements sont} en attente, sans que le catalogue le sache",
        advice: "redémarrez eventdrop, qui les reprend et les transmet, ou déplacez-les ailleurs")
    case .unreadableFiles:
      MessageWords(
        "{count|# de ses fichiers est illisible|# de ses fichiers sont illisibles}",
        advice: "donnez à l’utilisateur d’eventdrop le droit de les lire, ou déplacez-les ailleurs")
    case .nothingOld: "rien n’est assez ancien"
    case .nothingPruned: "rien n’a été purgé : {why}"
    case .moreThanHalf:
      MessageWords(
        "cela enlèverait {partitions} partitions sur {all}, plus de la moitié",
        advice: "si c’est bien voulu, lancez : eventdrop prune --yes")
    case .clockAhead:
      MessageWords(
        "l’horloge indique {now}, plus d’un jour après ce qui a été vu de plus récent ({newest})",
        advice: "si l’horloge est juste, lancez : eventdrop prune --yes")
    case .sent: "envoyé"
    case .notSent: "échec"
    case .noChannel: "la configuration n’a ni notify.command, ni notify.webhook, ni notify.mail"
    case .givenUp: "abandonné"
    case .notEnded: "pas terminé au bout d’une demi-minute"
    case .answers: "la réponse est {status}"
    case .shellFails: "le shell ne peut pas être lancé : {why}"
    case .endNotSeen: "sa fin n’a pas été vue"
    case .endedEarly: "arrêtée avant d’avoir terminé"
    case .endedBySignal: "terminée par le signal {signal}"
    case .endedWith: "terminée avec le code {code}"
    }
  }
}
