package main

import (
	"net/url"
	"strings"
)

// home is where people go who come from nowhere.
const home = "/"

// maxReturn bounds an address to return to.
const maxReturn = 2048

// ownPath returns the address if it is a path of this host, with or without a
// query, else home. A browser takes //host, /\host and an address with control
// characters in it for other hosts, so none of these will do; nor will the
// pages of signing in and out, which would lead in a circle.
func ownPath(address string) string {
	if len(address) > maxReturn || !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsRune(address, '\\') {
		return home
	}
	for _, r := range address {
		if r <= ' ' || r == 0x7f || r > 0x7e {
			return home
		}
	}
	u, err := url.Parse(address)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" {
		return home
	}
	for _, own := range []string{"/login", "/logout"} {
		if u.Path == own || strings.HasPrefix(u.Path, own+"/") {
			return home
		}
	}
	u.Fragment, u.RawFragment = "", ""
	if address = u.String(); !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
		return home
	}
	return address
}
