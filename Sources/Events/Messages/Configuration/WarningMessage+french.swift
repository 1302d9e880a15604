extension WarningMessage {
  package var french: MessageWords {
    switch self {
    case .neverComes: "« {rule} » n’arrive jamais : aucun mois n’a ce jour"
    case .everyMinute:
      MessageWords(
        "« {rule} » revient à chaque minute de cette heure", advice: "écrivez « {once} » pour une seule fois")
    case .eitherDay:
      MessageWords(
        "« {rule} » revient à ces jours du mois, et aussi à ces jours de la semaine",
        advice: "mettez * pour l’un des deux, sauf si vous voulez les deux")
    case .zoneSign:
      MessageWords(
        "à {zone}, l’heure est {sign?plus=en retard|minus=en avance} sur UTC : le signe de ces noms est inversé",
        advice: "écrivez {other}, ou un lieu comme Europe/Paris, si c’est ce que vous vouliez")
    case .notDurable:
      MessageWords(
        "une coupure de courant peut faire perdre des événements déjà retirés de leur dépôt",
        advice: "mettez group, sauf pour un essai")
    case .openToAll:
      MessageWords(
        "tous les utilisateurs de cette machine peuvent modifier et supprimer les enregistrements",
        advice: #"mettez "0750", ou "0770" si un groupe doit pouvoir écrire"#)
    case .silentBetweenLooks:
      MessageWords(
        "le dépôt est consulté à des intervalles allant jusqu’à {pause} : il serait signalé comme silencieux entre deux"
          + " passages",
        advice: "mettez une durée plus longue")
    case .otherFormat:
      MessageWords(
        "« {pattern} » désigne des fichiers d’un autre format, alors que seul JSON est lu",
        advice: "faites-les convertir en JSON, ou retirez ce motif")
    case .pointerNotation:
      MessageWords(
        "« {pointer} » est pris à la lettre : les crochets et « $ » y font partie du nom d’un membre",
        advice: "écrivez {meant}, si c’est ce que vous vouliez")
    case .pointerWithoutName:
      MessageWords(
        "« {pointer} » désigne un membre dont le nom est vide", advice: "écrivez {meant}, si c’est ce que vous vouliez")
    case .pointerOfNoItem: "« {pointer} » ne trouve aucun élément d’un tableau : ils s’appellent 0, 1 et ainsi de suite"
    case .idIsType:
      MessageWords(
        "pris au même endroit que eventType : deux événements d’un même type auraient le même identifiant",
        advice: "nommez le membre qui change d’un événement à l’autre")
    case .typeIsPointer:
      MessageWords(
        "c’est le type lui-même, et non l’endroit où il se trouve", advice: "mettez un pointeur JSON dans « eventType »"
      )
    case .exampleURL: MessageWords("c’est une adresse d’exemple", advice: "mettez celle de votre serveur")
    case .ownPage:
      MessageWords(
        "c’est l’adresse de la page d’eventdrop lui-même, admin.listen",
        advice: "mettez celle de n8n, ou changez celle de la page")
    case .hiddenCharacter:
      MessageWords(
        "un caractère invisible, U+{code}, s’y trouve", advice: "supprimez-le, ou retapez la valeur")
    case .oddSpace:
      MessageWords(
        "une des espaces est U+{code}, et non une espace ordinaire", advice: "retapez cette espace")
    case .typographicQuotes:
      MessageWords(
        "les guillemets font partie du texte", advice: "mettez des guillemets droits ou des apostrophes droites")
    case .bareVariable:
      MessageWords(
        "« $ » suivi d’un nom est pris à la lettre",
        advice: "écrivez ${NAME}, si vous pensiez à une variable d’environnement")
    case .placeholder: MessageWords("c’est un texte à remplacer", advice: "mettez le secret lui-même")
    case .unusedWithoutFleet: "sans effet : fleet.url est vide"
    case .otherAddress:
      MessageWords(
        "cette machine n’a pas l’adresse {address} en ce moment : personne n’atteindrait la page",
        advice: "mettez une adresse que « ip address » affiche, ou 127.0.0.1")
    case .notArchived: "rien n’est archivé : avec retention.keep à forever, aucun jour n’est jamais purgé"
    case .forgotten:
      MessageWords(
        "les identifiants sont oubliés avant leurs enregistrements, que retention.keep garde {keep}",
        advice: "un événement déposé de nouveau après ce délai passe pour nouveau")
    case .markerPattern:
      MessageWords(
        "un marqueur n’est pas un motif, mais ce qui s’ajoute à la fin du nom entier",
        advice: "écrivez .done, pour a.json.done")
    case .markerSwitch:
      MessageWords(
        "un marqueur est ce qui s’ajoute à la fin du nom entier", advice: "écrivez celui de l’expéditeur, comme .done")
    case .markerWithoutDot:
      MessageWords(
        "le marqueur de a.json est a.json{marker}, car il s’ajoute à la fin du nom entier",
        advice: "écrivez .{marker}, si c’est ce que vous vouliez")
    case .severalPatterns:
      MessageWords(
        "« {pattern} » est un seul motif", advice: #"pour plusieurs, écrivez une liste : ["*.json", "*.jsonl"]"#)
    case .wholeName:
      MessageWords(
        "un motif sans * ne correspond qu’au fichier de ce nom exact",
        advice: "écrivez *.json, si vous pensiez à une extension")
    case .excluded: "« {pattern} » ne correspond jamais à rien : « exclude » retire tous ces noms"
    case .patternOfMarkers:
      "« {pattern} » ne correspond à aucun fichier déposé : les noms en « {marker} » sont ceux des marqueurs"
    case .behindSource: "ce qui suit {source} n’est jamais consulté, car {source} est toujours là"
    case .behindEvent: #"ce qui suit "" n’est jamais consulté, car "" désigne l’événement entier"#
    case .unusedDefault: "valeur jamais utilisée : {source} dans « eventType » est toujours là"
    case .unusedWithoutURL: "sans effet : forward.url est vide, et les événements sont seulement enregistrés"
    case .unusedWithoutTLS: "sans effet : forward.url n’est pas en https"
    case .unusedWithSingle: "sans effet : avec « format: single », chaque événement a sa propre requête"
    case .unencrypted:
      MessageWords(
        "le jeton ou le mot de passe part en clair sur le réseau vers une autre machine",
        advice: "passez en https, ou par un proxy qui le fait")
    case .testURL:
      MessageWords(
        "c’est l’URL de test de n8n, qui ne marche qu’une fois après un clic sur « Execute workflow »",
        advice: "mettez l’URL de production, /webhook/…")
    case .otherURL:
      MessageWords(
        "cette adresse de n8n n’accepte pas d’événements",
        advice: "mettez l’URL de production du nœud Webhook, /webhook/…")
    case .editorURL:
      MessageWords(
        "c’est la page de l’éditeur de n8n qui montre un workflow",
        advice: "ouvrez-y le nœud Webhook, et copiez son URL de production, /webhook/…")
    case .serverURL:
      MessageWords(
        "c’est l’adresse d’un serveur, pas d’un webhook",
        advice: "mettez l’URL de production du nœud Webhook, comme /webhook/…")
    case .noSecret:
      MessageWords(
        "les requêtes partent sans cette authentification, car il y manque {key}", advice: "définissez aussi « {key} »")
    case .secretWithSpace:
      MessageWords(
        "la valeur commence ou finit par une espace", advice: "retirez cette espace, sauf si n8n l’a aussi")
    case .secretWithQuote:
      MessageWords(
        "la valeur commence par un guillemet qui en fait partie",
        advice: "retirez les guillemets là où la variable ou le fichier est défini")
    case .tokenWithWord:
      MessageWords(
        "la valeur commence par « {word} », alors que « Bearer » est mis devant", advice: "écrivez le jeton seul")
    case .tokenOfBasic:
      MessageWords(
        "la valeur commence par « Basic », alors que « Bearer » est mis devant",
        advice: "écrivez le jeton seul, ou utilisez « header » avec le nom Authorization")
    case .valueWithName:
      MessageWords(
        "la valeur commence par le nom de l’en-tête, qui est mis devant", advice: "écrivez la valeur seule")
    case .actionsWithoutToken:
      MessageWords("sans jeton, rien ne peut être fait depuis la page", advice: "définissez admin.token")
    case .actionsWithoutPage: "il n’y a pas de page d’où agir, car admin.listen est à off"
    case .noProgram:
      MessageWords("aucun programme « {program} » ne peut être exécuté", advice: "écrivez son chemin complet")
    case .noProgramHere:
      MessageWords("aucun programme de ce nom ne peut être exécuté", advice: "écrivez son chemin complet")
    case .unreadableFile: "ce fichier est illisible : {why}"
    case .sameFolder:
      MessageWords(
        "{path} mène au même dossier que celui {inbox|du dépôt « # »}{key|de #}",
        advice: "donnez à chacun son propre dossier")
    }
  }
}
