#!/usr/bin/env bash
# Who may include whom: names the file and the rule broken.
set -u
cd "$(dirname "$0")/../.."
broken=0
complain() { echo "layering: $1"; broken=1; }

# folder -> the folders it may include
allowed() {
  case "$1" in
    core) echo core ;;
    engine) echo "engine core" ;;
    search) echo "search core" ;;
    store) echo "store core" ;;
    reports) echo "reports store search core" ;;
    experiments) echo "experiments search store engine core" ;;
    cli) echo "cli experiments reports search store engine core" ;;
  esac
}
for folder in core engine search store reports experiments cli; do
  list=$(allowed "$folder")
  while IFS=: read -r file line text; do
    target=$(sed -E 's|.*"([a-z_]+)/.*|\1|' <<<"$text")
    case " core engine search store reports experiments cli " in
      *" $target "*) [[ " $list " == *" $target "* ]] || complain "$file:$line: $folder may include only: $list; found $text" ;;
      *) complain "$file:$line: includes are written from the root of the project; found $text" ;;
    esac
    if [ "$folder" = reports ] && [ "$target" = search ] && [[ "$text" != *search/importance/* ]]; then
      complain "$file:$line: reports may include search/importance only; found $text"
    fi
  done < <(grep -rnE '^#include "' "$folder" --include='*.h' --include='*.cpp' --include='*.cu' --include='*.cuh' |
           grep -vE '#include "[a-z_]+\.(def|inc)"' | grep -v '#include "hwy/')  # Highway asks for quotes
done
# where a library may appear
only() { # pattern, folder, what
  while IFS=: read -r file line text; do
    case "$file" in $2*) ;; *) complain "$file:$line: $3 belongs under $2 only; found $text" ;; esac
  done < <(grep -rnE "^#include <($1)" core engine search store reports experiments cli --include='*.h' --include='*.cpp' --include='*.cu')
}
only 'cuda|cublas|cudnn|nvrtc' engine/cuda/ "CUDA"
only 'sqlite3\.h' store/sqlite/ "SQLite"
only 'boost/program_options' cli/ "Boost.Program_options"
only 'yaml-cpp' experiments/study/ "yaml-cpp"
only 'microhttpd' reports/live/ "libmicrohttpd"
[ "$broken" = 0 ] && echo "layering: ok"
exit "$broken"
