package remote_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/remote"
)

func TestOnlyPublicHostsAreConnectedTo(t *testing.T) {
	for address, open := range map[string]bool{
		"142.250.74.110:443": true, "8.8.8.8:443": true, "[2a00:1450:4001:82b::200e]:443": true, "[::ffff:8.8.8.8]:443": true,

		"8.8.8.8:80": false, "8.8.8.8:22": false, "8.8.8.8:8443": false,
		"127.0.0.1:443": false, "127.8.8.8:443": false, "[::1]:443": false, "[::ffff:127.0.0.1]:443": false, "0.0.0.0:443": false, "0.1.2.3:443": false, "[::]:443": false,
		"10.1.2.3:443": false, "172.16.0.1:443": false, "172.31.255.255:443": false, "192.168.1.1:443": false, "100.64.0.1:443": false, "[::ffff:10.0.0.1]:443": false,
		"169.254.169.254:443": false, "169.254.170.2:443": false, "[fd00:ec2::254]:443": false, "[fe80::1]:443": false, "[fe80::1%eth0]:443": false, "[fc00::1]:443": false,
		"192.0.0.192:443": false, "192.0.2.1:443": false, "198.18.0.1:443": false, "198.51.100.7:443": false, "203.0.113.7:443": false, "240.0.0.1:443": false,
		"255.255.255.255:443": false, "224.0.0.1:443": false, "[ff02::1]:443": false,
		"[64:ff9b::a9fe:a9fe]:443": false, "[2002:7f00:1::]:443": false, "[2001::1]:443": false, "[2001:db8::1]:443": false, "[::7f00:1]:443": false,
		"localhost:443": false, "": false, "8.8.8.8": false,
	} {
		err := remote.Public("tcp", address, nil)
		if open != (err == nil) || (err != nil && fault.KindOf(err) != fault.Denied) {
			t.Errorf("%s: %v, want open: %v", address, err, open)
		}
	}
}

func TestTheDialerIsAsked(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	defer server.Close()
	client := remote.NewPublicClient(time.Second, remote.Public)
	if _, err := get(t, client, server.URL); err == nil || fault.KindOf(remote.WithoutURL(err)) != fault.Denied {
		t.Errorf("a server on this machine was connected to: %v", err)
	}
	// A name that leads here is no better than the address.
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := get(t, client, "https://localhost:"+port); err == nil || fault.KindOf(remote.WithoutURL(err)) != fault.Denied {
		t.Errorf("a name of this machine was connected to: %v", err)
	}
}

func get(t *testing.T, client *http.Client, address string) (int, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func TestARedirectIsLookedAtAsWell(t *testing.T) {
	var asked []string
	record := func(_, address string, _ syscall.RawConn) error { asked = append(asked, address); return nil }
	target := httptest.NewTLSServer(http.NotFoundHandler())
	defer target.Close()
	var to string
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }))
	defer server.Close()
	client := remote.NewPublicClient(5*time.Second, record)
	trusting(t, client, server)
	to = target.URL
	if status, err := get(t, client, server.URL); err != nil || status != http.StatusNotFound || len(asked) != 2 || !strings.HasSuffix(target.URL, asked[1]) {
		t.Errorf("status %d, %v; the dialer was asked about %s", status, err, asked)
	}
	to = strings.Replace(target.URL, "https", "http", 1)
	if _, err := get(t, client, server.URL); err == nil || !strings.Contains(err.Error(), "not https") {
		t.Errorf("followed to where it is not https: %v", err)
	}
	to = server.URL
	if _, err := get(t, client, server.URL); err == nil || !strings.Contains(err.Error(), "too often") {
		t.Errorf("followed for ever: %v", err)
	}
}

// trusting lets a client trust a server of a test.
func trusting(t *testing.T, client *http.Client, server *httptest.Server) {
	t.Helper()
	own, ok := client.Transport.(*http.Transport)
	theirs, alsoOk := server.Client().Transport.(*http.Transport)
	if !ok || !alsoOk {
		t.Fatal("no transport")
	}
	own.TLSClientConfig = theirs.TLSClientConfig
}
