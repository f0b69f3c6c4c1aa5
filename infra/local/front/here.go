package front

import (
	"net"
	"net/http"
	"net/url"
	"strings"
)

// hasCredentials tells whether a request says who it is from, rightly or not.
func hasCredentials(r *http.Request) bool {
	return r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != ""
}

// FromHere tells whether a request comes from a program of this machine, or
// from a script of a page of this host.
//
// Such a request that carries no credentials is sent on with a token of the
// local operator: curl, the demo and the page of the first minutes read the API
// without signing in, and whoever can start programs here could read the data
// anyway. It is a real token of the local identity provider, and the real
// authorizer looks at it. A page that a browser opens gets none, so that people
// sign in here as they do in production. Nor does what another site may have
// sent (Origin, Sec-Fetch-Site), or what comes through a tunnel: from another
// host than this machine, or forwarded.
// Source: https://www.w3.org/TR/fetch-metadata/.
func FromHere(r *http.Request) bool {
	if !Direct(r) || r.Header.Get("Sec-Fetch-Mode") == "navigate" {
		return false
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return false
	}
	origin := r.Header.Get("Origin")
	return origin == "" || origin == "http://"+r.Host
}

// Direct tells whether a request comes from this machine, by a program or a
// browser, and not through a tunnel.
func Direct(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return loopback(hostname(r.Host))
}

// Guard lets requests to this machine or to the public URL's host through, and
// no others: a page of another site whose name was made to lead here would
// name its own host. A page that a browser opens as localhost is sent to the
// public URL, since cookies belong to one name.
func Guard(publicURL string, next http.Handler) http.Handler {
	public := ""
	if u, err := url.Parse(publicURL); err == nil {
		public = u.Hostname()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := hostname(r.Host)
		switch {
		case !loopback(host) && host != public:
			refuse(w, http.StatusMisdirectedRequest, "This host is not served here: use "+publicURL+".")
		case host != public && loopback(public) && r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate":
			http.Redirect(w, r, strings.TrimSuffix(publicURL, "/")+r.URL.RequestURI(), http.StatusFound) //nolint:gosec // To our own host.
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// hostname returns the host without its port.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return strings.ToLower(name)
	}
	return strings.ToLower(strings.Trim(host, "[]"))
}

func loopback(host string) bool { return host == "127.0.0.1" || host == "localhost" || host == "::1" }
