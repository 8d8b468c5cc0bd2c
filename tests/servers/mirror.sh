# For build scripts: where the machine itself gets its Debian packages from.

# mirror: the first address of the machine's own package sources.
mirror() {
  awk '/^URIs:/{print $2; exit}' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep . ||
    awk '$1=="deb"{for(i=2;i<=NF;i++) if($i ~ /:\/\//){print $i; exit}}' /etc/apt/sources.list
}

KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
