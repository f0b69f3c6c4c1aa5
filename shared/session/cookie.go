package session

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/handoff-oss/handoff/shared/link"
)

// Secret is the JSON document of the keys that sessions are signed with. The
// first key signs; all of them verify, so that a rotation signs nobody out.
type Secret struct {
	Keys link.Keys `json:"keys"`
}

// Jar names and writes the cookies of one address. Under https their names
// have the prefix that browsers take from this host alone, over a secure
// connection; on a local http address browsers would refuse that.
type Jar struct{ insecure bool }

// JarOf returns the jar of a public address; "" is one with https.
func JarOf(publicURL string) Jar { return Jar{insecure: strings.HasPrefix(publicURL, "http://")} }

// Names of the cookies: of a session, and of a browser that is about to sign in.
const (
	NameSession = "handoff"
	NameLogin   = "handoff-login"
)

func (j Jar) name(name string) string {
	if j.insecure {
		return name
	}
	return "__Host-" + name
}

// Get returns the values of a cookie: one, unless somebody else put another
// one beside it.
func (j Jar) Get(cookies []string, name string) []string {
	var values []string
	for _, c := range cookies {
		if value, ok := strings.CutPrefix(strings.TrimSpace(c), j.name(name)+"="); ok {
			values = append(values, value)
		}
	}
	return values
}

// Cookies returns the cookies of an event, each name=value. API Gateway takes
// them out of the headers and lists them; what stands in for it may not.
func Cookies(listed []string, headers map[string]string) []string {
	for name, value := range headers {
		if strings.EqualFold(name, "cookie") {
			return append(slices.Clone(listed), strings.Split(value, ";")...)
		}
	}
	return listed
}

// Set writes a cookie that lasts so long.
func (j Jar) Set(name, value string, lasts time.Duration) string {
	return j.write(name, value, int(lasts.Seconds()))
}

// Clear writes a cookie away.
func (j Jar) Clear(name string) string { return j.write(name, "", 0) }

func (j Jar) write(name, value string, seconds int) string {
	parts := []string{j.name(name) + "=" + value, "Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=" + strconv.Itoa(max(seconds, 0))}
	if !j.insecure {
		parts = append(parts, "Secure")
	}
	return strings.Join(parts, "; ")
}

// BaseURL is the address of a stack, without a slash at its end: the one that
// it is told, else the host that a request came to.
func BaseURL(publicURL, host string) string {
	return strings.TrimRight(cmp.Or(publicURL, "https://"+host), "/")
}
