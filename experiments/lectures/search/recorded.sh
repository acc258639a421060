# One trial of search-3-recorded: the value that search-2-table measured for these settings, from the database that the lectures run into.
set -eu
value=$("$VERNIER" query "SELECT value FROM trials WHERE study = 'search-2-table' AND state = 'completed'
  AND json_extract(params, '\$.\"train.lr\"') = json_extract('$VERNIER_PARAMS', '\$.\"train.lr\"')
  AND json_extract(params, '\$.\"model.width\"') = json_extract('$VERNIER_PARAMS', '\$.\"model.width\"')
  AND json_extract(params, '\$.\"model.dropout\"') = json_extract('$VERNIER_PARAMS', '\$.\"model.dropout\"')" \
  --db "$LECTURES_DB" --csv | tail -n +2)
[ -n "$value" ] || { echo "search-2-table has no $VERNIER_PARAMS" >&2; exit 1; }
echo "{\"step\": 1, \"val_acc\": $value}"
