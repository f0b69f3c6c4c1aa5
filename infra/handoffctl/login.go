package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/spf13/cobra"
	"golang.org/x/oauth2"

	"github.com/handoff-oss/handoff/shared/fault"
)

// waitFor is how long somebody may take to sign in in the browser.
const waitFor = 5 * time.Minute

func loginCommand(t *target) *cobra.Command {
	noBrowser := false
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in to a stack at your company's identity provider, for the commands that use its API",
		Long: `Sign in to a stack at your company's identity provider, for the commands that
use its API. The browser opens the provider's page, which sends you back to a
port of this machine. The token is kept in your folder of settings, readable by
you alone, and renewed if the provider lets it be. A program that nobody signs
in for puts a token into HANDOFF_TOKEN instead.

The local stack needs no login: commands act as its operator, or as --as says.`,
		Example: `  handoffctl login --url https://handoff.example.com
  handoffctl login --stack handoff`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !t.remote() {
				return fault.New(fault.Invalid, "the local stack needs no login; name another one by --url or --stack")
			}
			base, err := t.remoteURL(cmd.Context())
			if err != nil {
				return err
			}
			open := openBrowser
			if noBrowser {
				open = func(string) {}
			}
			if err := t.login(cmd.Context(), cmd.ErrOrStderr(), base, open); err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "You are signed in to %s.\n", base)
			return nil
		},
	}
	cmd.Flags().BoolVar(&noBrowser, "no-browser", false, "print the address, and open no browser")
	return cmd
}

// login runs the authorization code flow with PKCE and a loopback redirect
// (RFC 8252). Kinds: Denied, Unavailable.
func (t *target) login(ctx context.Context, out io.Writer, base string, open func(string)) error {
	ctx, cancel := context.WithTimeout(ctx, waitFor)
	defer cancel()
	var how struct {
		Issuer   string `json:"issuer"`
		ClientID string `json:"client_id"`
		Audience string `json:"audience"`
	}
	unsigned := &api{base: base, http: &http.Client{Timeout: apiTimeout}}
	if err := unsigned.get(ctx, "/api/login", &how); err != nil {
		return err
	}
	provider, err := oidc.NewProvider(ctx, how.Issuer)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "ask the identity provider for its addresses", err)
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fault.Wrap(fault.Unavailable, "take a port of this machine", err)
	}
	config := oauth2.Config{
		ClientID: how.ClientID, Endpoint: provider.Endpoint(), Scopes: scopes(provider), RedirectURL: "http://" + listener.Addr().String() + "/callback",
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	to := config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	put(out, "Sign in here, if no browser opens:\n\n  %s\n\n", to)
	open(to)
	code, err := comesBack(ctx, listener, state)
	if err != nil {
		return err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		return fault.Wrap(fault.Denied, "the identity provider refuses the sign-in", err)
	}
	raw, _ := token.Extra("id_token").(string)
	checked, err := provider.Verifier(&oidc.Config{ClientID: how.ClientID}).Verify(ctx, raw)
	if err != nil || checked.Nonce != nonce {
		return fault.New(fault.Denied, "what the identity provider sent back does not hold")
	}
	s, ok := saved{Issuer: how.Issuer, ClientID: how.ClientID, Access: how.Audience != "" && how.Audience != how.ClientID}.with(token)
	if !ok {
		return fault.New(fault.Denied, "the identity provider gave no token")
	}
	if !s.Access {
		s.Expires = checked.Expiry
	}
	return t.keep(base, &s)
}

// scopes are what is asked for; what a provider does not name it may refuse.
func scopes(p *oidc.Provider) []string {
	var about struct {
		Scopes []string `json:"scopes_supported"`
	}
	_ = p.Claims(&about) // Without the list the plain ones will do.
	all := []string{oidc.ScopeOpenID, "email", "profile"}
	for _, more := range []string{"groups", oidc.ScopeOfflineAccess} {
		if slices.Contains(about.Scopes, more) {
			all = append(all, more)
		}
	}
	return all
}

// comesBack waits for the browser on the port, and returns the code that it brings.
func comesBack(ctx context.Context, listener net.Listener, state string) (string, error) {
	type outcome struct {
		code string
		err  error
	}
	done := make(chan outcome, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /callback", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("state") != state {
			http.Error(w, "This is not the sign-in that the terminal waits for.", http.StatusBadRequest)
			return
		}
		o := outcome{code: q.Get("code")}
		text := "You are signed in. You can close this page and go back to the terminal.\n"
		if o.code == "" {
			o.err = fault.New(fault.Denied, "the identity provider did not sign you in: %s", plain(cmp.Or(q.Get("error"), "it says nothing")))
			text = "You are not signed in. The terminal says why.\n"
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, text) // The browser may be gone.
		select {
		case done <- o:
		default:
		}
	})
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // It ends with the shutdown below.
	defer func() { _ = server.Shutdown(context.WithoutCancel(ctx)) }()
	select {
	case <-ctx.Done():
		return "", fault.New(fault.Unavailable, "nobody signed in within %s", waitFor)
	case o := <-done:
		return o.code, o.err
	}
}

// openBrowser opens an address if this machine knows how; it is printed anyway.
func openBrowser(address string) {
	name, args := "xdg-open", []string{address}
	switch runtime.GOOS {
	case "darwin":
		name = "open"
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", address}
	}
	_ = exec.Command(name, args...).Start() //nolint:noctx // The browser outlives this command.
}

func logoutCommand(t *target) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the token of a stack",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !t.remote() {
				return fault.New(fault.Invalid, "the local stack keeps no token; name another one by --url or --stack")
			}
			base, err := t.remoteURL(cmd.Context())
			if err != nil {
				return err
			}
			if err := t.keep(base, nil); err != nil {
				return err
			}
			put(cmd.OutOrStdout(), "The token of %s is forgotten.\n", base)
			return nil
		},
	}
}

// whoAnswer is the answer of GET /api/whoami.
type whoAnswer struct {
	Subject string   `json:"subject"`
	Email   string   `json:"email"`
	Name    string   `json:"name"`
	Roles   []string `json:"roles"`
	Rep     string   `json:"rep"`
	Pools   []string `json:"pools"`
	Ask     string   `json:"ask"`
}

func whoamiCommand(t *target) *cobra.Command {
	asJSON := false
	cmd := &cobra.Command{
		Use:   "whoami",
		Short: "Say who the stack's API takes you for, and what you may do",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a, err := t.api(cmd.Context())
			if err != nil {
				return err
			}
			var who whoAnswer
			if err := a.get(cmd.Context(), "/api/whoami", &who); err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), who)
			}
			put(cmd.OutOrStdout(), "%s", who.text(a.base))
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	return cmd
}

// text says it in lines.
func (w whoAnswer) text(base string) string {
	name := cmp.Or(w.Name, w.Email, w.Subject)
	if w.Email != "" && w.Email != name {
		name += " <" + w.Email + ">"
	}
	lines := []string{plain(name) + " at " + base}
	if len(w.Roles) == 0 {
		return strings.Join(append(lines, "No role of the policy includes you. Ask "+plain(cmp.Or(w.Ask, "an operator"))+" for one."), "\n") + "\n"
	}
	lines = append(lines, "Roles: "+strings.Join(w.Roles, ", "))
	if len(w.Pools) > 0 {
		lines = append(lines, "Manages: "+strings.Join(w.Pools, ", "))
	}
	if w.Rep != "" {
		lines = append(lines, "Rep: "+w.Rep)
	}
	return strings.Join(lines, "\n") + "\n"
}
