"""What do we ask of Démarche numérique, in GraphQL?

Only what the engine uses: no applicant, no author of a message, no address. Written for the schema of its API v2.
"""

_ANSWER = """
fragment Reponse on Champ {
  __typename
  champDescriptorId
  label
  stringValue
  updatedAt
  ... on CheckboxChamp { ticked: value }
  ... on YesNoChamp { yes: value }
  ... on CommuneChamp { commune { code } }
  ... on MultipleDropDownListChamp { choices: values }
  ... on PieceJustificativeChamp {
    files { filename checksum byteSizeBigInt url createdAt virusScanResult }
  }
}
"""

_SUBMISSION = (
    _ANSWER
    + """
fragment Depot on Dossier {
  number
  state
  dateDepot
  dateDerniereModification
  dateDerniereCorrectionEnAttente
  dateTraitement
  motivation
  messages { body createdAt discardedAt correction { dateResolution } }
  champs { ...Reponse ... on RepetitionChamp { rows { champs { ...Reponse } } } }
  annotations { ...Reponse ... on RepetitionChamp { rows { champs { ...Reponse } } } }
}
"""
)

SUBMISSIONS = (
    _SUBMISSION
    + """
query Depots($demarche: Int!, $first: Int!, $after: String, $since: ISO8601DateTime) {
  demarche(number: $demarche) {
    dossiers(first: $first, after: $after, updatedSince: $since) {
      pageInfo { hasNextPage endCursor }
      nodes { ...Depot }
    }
  }
}
"""
)

SUBMISSION = (
    _SUBMISSION
    + """
query Depot($number: Int!) {
  dossier(number: $number) { ...Depot demarche { number } }
}
"""
)

_DELETED = """
query Suppressions($demarche: Int!, $first: Int!, $after: String, $since: ISO8601DateTime) {
  demarche(number: $demarche) {
    %s(first: $first, after: $after, deletedSince: $since) {
      pageInfo { hasNextPage endCursor }
      nodes { number state reason dateSupression }
    }
  }
}
"""
DELETED = {name: _DELETED % name for name in ("deletedDossiers", "pendingDeletedDossiers")}

FORM = """
fragment Champ on ChampDescriptor { __typename id label required }
query Formulaire($demarche: Int!) {
  demarche(number: $demarche) {
    title
    state
    activeRevision {
      champDescriptors { ...Champ ... on RepetitionChampDescriptor { champDescriptors { ...Champ } } }
      annotationDescriptors { ...Champ ... on RepetitionChampDescriptor { champDescriptors { ...Champ } } }
    }
  }
}
"""
