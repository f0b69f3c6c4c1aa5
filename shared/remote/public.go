package remote

import (
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
)

// Control looks at each address that is about to be connected to, after its
// name was resolved: see net.Dialer. An error keeps the connection from being
// made.
type Control func(network, address string, c syscall.RawConn) error

// Public is a Control that lets nothing but public hosts through, at the port
// of https. It refuses the addresses of this machine, of private networks and
// of the cloud's own services, whatever name led there. Kind: Denied.
func Public(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || to.Port() != 443 || !public(to.Addr()) {
		return fault.New(fault.Denied, "the address leads to no public host")
	}
	return nil
}

// public tells whether an address is one of the Internet at large, by the
// registries of special addresses of IANA (RFC 6890).
func public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false
	}
	for _, special := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	} {
		if netip.MustParsePrefix(special).Contains(a) {
			return false
		}
	}
	return true
}

// mostRedirects is how often a client for public hosts is sent elsewhere.
const mostRedirects = 3

// NewPublicClient returns a client for addresses that people enter. It speaks
// https alone, follows few redirects, asks no proxy, and lets control look at
// each address that it connects to; for deployed code that is Public.
func NewPublicClient(timeout time.Duration, control Control) *http.Client {
	dialer := &net.Dialer{Timeout: timeout, Control: control}
	return &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: timeout, ResponseHeaderTimeout: timeout, ForceAttemptHTTP2: true,
			MaxResponseHeaderBytes: 64 << 10, DisableKeepAlives: true,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if len(via) > mostRedirects {
				return fault.New(fault.Invalid, "the address sends on too often")
			}
			if r.URL.Scheme != "https" {
				return fault.New(fault.Denied, "the address sends on to one that is not https")
			}
			return nil
		},
	}
}
