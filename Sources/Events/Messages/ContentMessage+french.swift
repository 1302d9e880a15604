extension ContentMessage {
  package var french: MessageWords {
    switch self {
    case .tooLarge:
      MessageWords(
        "le fichier fait au moins {bytes} octets, plus que ne le permet maxFileSize ({limit}). Augmentez cette limite, ou"
          + " déposez les événements dans un fichier .jsonl, qui n’en a pas")
    case .notAnArray:
      "le fichier n’est pas un tableau, et un seul événement ne dépasse pas quelques Mio (maxEventSize)"
    case .notARegularFile:
      MessageWords(
        "c’est {kind}, qu’eventdrop n’ouvre jamais : cela pourrait mener à ce que personne ne voulait déposer. Déposez une"
          + " copie du fichier")
    case .notARegularFileInRetry:
      "ceci est {kind}, qui n’est jamais ouvert. Redéposez plutôt une copie du fichier, ou enlevez-le"
    case .putBack:
      "ce fichier a été remis sous un autre nom, car un autre fichier porte maintenant le sien ; il sera pris normalement"
    case .symbolicLink: "un lien symbolique"
    case .folder: "un dossier"
    case .pipe: "un tube nommé"
    case .socket: "une socket"
    case .device: "un périphérique"
    case .hardLinks: "un fichier à {links|# nom|# noms} (liens physiques)"
    case .orphaned:
      MessageWords(
        "ce fichier vient du dépôt « {inbox} », qui n’est plus dans la configuration, et ne peut pas retourner dans son"
          + " dossier ({folder}). Déplacez-le dans un autre dépôt")
    case .seems: "{what} ({why})"
    case .gzip: "le fichier est compressé avec gzip ; donnez-lui un nom en .gz"
    case .archive: "le fichier est une archive {format} ; décompressez-la avant de la déposer"
    case .otherPacking:
      "le fichier est compressé avec {format} ; décompressez-le avant de le déposer, ou compressez-le avec gzip"
    case .packedTwice:
      "le fichier est compressé deux fois, dont une avec {format} ; décompressez-le avant de le déposer"
    case .wideCharset: "le fichier semble être en {name} ; réglez charset: {charset} pour ce dépôt"
    case .utf8:
      "le fichier semble être en UTF-8, alors que ce dépôt attend {charset} ; réglez charset: utf-8"
    case .html:
      MessageWords(
        "le fichier semble être une page HTML, par exemple une erreur qu’un serveur a renvoyée à l’expéditeur ; envoyez du"
          + " JSON")
    case .xml: "le fichier semble être du XML ; demandez du JSON à l’expéditeur, ou convertissez-le d’abord"
    case .pdf: "le fichier est un PDF ; seul le JSON est accepté"
    case .ebcdic: "le fichier semble être en EBCDIC ; réglez charset: ibm-1047 (ou ibm-037) pour ce dépôt"
    case .notUTF8:
      "le fichier n’est pas en UTF-8 ; s’il vient de Windows, réglez charset: windows-1252 pour ce dépôt"
    case .table:
      MessageWords(
        "le fichier semble être un tableau (CSV, colonnes séparées par {separator}) ; demandez du JSON à l’expéditeur, ou"
          + " convertissez-le d’abord")
    case .tabTable:
      MessageWords(
        "le fichier semble être un tableau (CSV, colonnes séparées par des tabulations) ; demandez du JSON à l’expéditeur, ou"
          + " convertissez-le d’abord")
    case .unpackedJSON: "le fichier est du JSON non compressé ; enlevez le .gz de son nom"
    case .lines: "le fichier contient un événement par ligne ; donnez-lui un nom en .jsonl"
    case .lineNotUTF8:
      "{why}. La ligne n’est pas en UTF-8 ; si elle vient de Windows, réglez charset: windows-1252 pour ce dépôt"
    case .afterStored: "{why}. {events|L’événement qui précède est stocké|Les # événements qui précèdent sont stockés}"
    case .afterRead:
      "{why}. {events|L’événement qui précède serait stocké|Les # événements qui précèdent seraient stockés}"
    case .noMemory: "il n’y a pas assez de mémoire pour décompresser le fichier"
    case .notGzip: "le fichier n’est pas compressé avec gzip comme l’annonce son nom : {why}"
    case .damagedGzip:
      "le fichier compressé est endommagé après {bytes} octets décompressés : {why}. Faites-le envoyer de nouveau"
    case .cutGzip:
      MessageWords(
        "le fichier compressé est incomplet : il s’arrête après {bytes} octets décompressés ; son envoi a sans doute été"
          + " interrompu")
    case .emptyGzip: "le fichier compressé est vide ; son envoi a sans doute été interrompu"
    case .afterGzip:
      "après les données compressées, qui sont entières ({bytes} octets décompressés), il y a autre chose ; enlevez-le"
    case .unknownCharset: "ce système ne sait pas convertir le jeu de caractères « {charset} »"
    case .notInCharset:
      "le fichier n’est pas dans le jeu de caractères de son dépôt, {charset} : {why}. Vérifiez ce que l’expéditeur écrit"
    case .charsetCut: "il s’arrête au milieu d’un caractère"
    case .charsetInvalid: "les octets à la position {offset} n’y sont pas un caractère"
    case .charsetLong: "un caractère est anormalement long, à la position {offset}"
    case .charsetStuck: "conversion impossible à la position {offset}"
    }
  }
}
