# shellcheck shell=bash
# Replaces text of a source file; sourced by what takes something away from a copy of the sources and wants a test to notice.

# Puts into source file $1, in place of text $2, text $3. Blanks in the text stand for blanks and line ends of any number.
replace_text() {
  TEXT=$2 INSTEAD=$3 perl -0pi -e '
    my $text = join("\\s+", map { quotemeta } split(/ +/, $ENV{TEXT}));
    s/$text/$ENV{INSTEAD}/ or die "not found\n";' "$1"
}
