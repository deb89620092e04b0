# What the panel Files asks of the reader's home, done as the reader: $1 says what, paths come after it, below the home.
# How it went is the exit code; the texts are home-files.ts's.
set -u
NO_FILE=44 OUTSIDE=45 LINK=46 FOLDER=47 EXISTS=48 LARGE=49

cd -P -- "$HOME" || exit $NO_FILE
home=$(pwd -P)

# Into the folder of a path, by no link that leads out of the home; with `make`, folders that are missing are made
enter() {
  local rest=$1 part
  cd -P -- "$home"
  while case $rest in */*) true ;; *) false ;; esac do
    part=${rest%%/*} rest=${rest#*/}
    if [ "${2:-}" = make ] && [ ! -e "./$part" ] && [ ! -L "./$part" ]; then mkdir -- "./$part" || exit 1; fi
    [ -e "./$part" ] || exit $NO_FILE
    cd -P -- "./$part" 2>/dev/null || exit $NO_FILE
    case $(pwd -P)/ in "$home"/*) ;; *) exit $OUTSIDE ;; esac
  done
  base=$rest
}

# What is there must be a file, and itself, not a link
plain() {
  [ ! -L "./$base" ] || exit $LINK
  [ ! -d "./$base" ] || exit $FOLDER
}

case $1 in
  list)
    # GNU's stat and BSD's
    if stat --version >/dev/null 2>&1; then show='stat -c %F|%s|%.9Y|%n'; else show='stat -f %HT|%z|%Fm|%N'; fi
    # shellcheck disable=SC2086
    find . -mindepth 1 -maxdepth 12 '(' -name '.*' -o -name '*
*' ')' -prune -o '(' -type f -o -type d -o -type l ')' -exec $show {} +
    ;;
  read)
    enter "$2"
    plain
    [ -f "./$base" ] || exit $NO_FILE
    [ "$(wc -c <"./$base")" -le "$3" ] || exit $LARGE
    cat "./$base" || exit 1
    ;;
  write)
    enter "$2" make
    plain
    if [ "$3" = new ] && [ -e "./$base" ]; then exit $EXISTS; fi
    # Whole or not at all, also when there is no room; and as readable as before
    new=./.quayside-save-$$
    if [ -e "./$base" ]; then
      [ -f "./$base" ] && [ -w "./$base" ] || exit 1
      cp -p "./$base" "$new" || exit 1
    fi
    if cat >"$new" && mv -f "$new" "./$base"; then :; else
      rm -f "$new"
      exit 1
    fi
    ;;
  folder)
    enter "$2" make
    if [ -e "./$base" ] || [ -L "./$base" ]; then exit $EXISTS; fi
    mkdir "./$base" || exit 1
    ;;
  rename)
    enter "$3" make
    if [ -e "./$base" ] || [ -L "./$base" ]; then exit $EXISTS; fi
    to=$(pwd -P)/$base
    enter "$2"
    if [ ! -e "./$base" ] && [ ! -L "./$base" ]; then exit $NO_FILE; fi
    mv "./$base" "$to" || exit 1
    ;;
  remove)
    enter "$2"
    if [ ! -e "./$base" ] && [ ! -L "./$base" ]; then exit $NO_FILE; fi
    rm -rf "./$base" || exit 1
    ;;
  edit)
    # Where `lab edit` waits, see lab-command.sh
    enter ".quayside/edits/$2/$3"
    : >"./$base" || exit 1
    ;;
esac
