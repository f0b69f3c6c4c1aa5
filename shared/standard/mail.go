package standard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/handoff-oss/handoff/shared/signal"
	"github.com/handoff-oss/handoff/shared/standard/sorted"
)

// Mail is what an e-mail address says by itself and by the lists. The zero
// value is no address.
type Mail struct {
	Address string // as signal.NormalizeEmail returns it
	Local   string // what stands before the @, without the tag
	Tag     string // what stands behind a + before the @: it says for what an address is used; "" for none
	Host    string // what stands behind the @
	// Domain is the registrable domain of the host, in ASCII where the host is; the host itself when it has none.
	Domain string
	// Standard is one spelling for all addresses that reach the same mailbox, as far as the policy says so: with the host in
	// ASCII, without the tag, by the rules of the provider. It says nothing about a lead's key.
	Standard   string
	Free       bool   // a provider's where anybody gets a mailbox
	Disposable bool   // made to be thrown away
	Business   bool   // neither
	Role       bool   // a shared mailbox such as info@
	provider   bool   // rules of the provider changed it
	ascii      string // the host in ASCII, "" when that cannot be
	reg        string // the registrable domain of that, "" when there is none
}

// Mail reads an address.
func (b *Book) Mail(text string) Mail {
	address := signal.NormalizeEmail(text)
	local, host, ok := strings.Cut(address, "@")
	if !ok {
		return Mail{}
	}
	m := Mail{Address: address, Host: strings.TrimSuffix(host, ".")}
	m.Local = withoutTag(local, "+")
	m.Tag = strings.TrimPrefix(strings.TrimPrefix(local, m.Local), "+")
	m.ascii = toASCII(m.Host)
	m.reg = Registrable(m.ascii)
	m.Domain = domainOf(m.Host, m.reg)
	m.Standard = b.mailbox(&m, local)
	m.Role = b.roles[m.Local] || listed(roleAddresses, m.Local)
	m.Free, m.Disposable = b.judge(m)
	m.Business = !m.Free && !m.Disposable
	return m
}

// domainOf keeps the spelling of the host: a policy may name a domain with
// letters beyond ASCII.
func domainOf(host, ascii string) string {
	if ascii == "" {
		return host
	}
	if strings.HasSuffix(host, ascii) {
		return ascii
	}
	labels := strings.Split(host, ".")
	return strings.Join(labels[max(0, len(labels)-strings.Count(ascii, ".")-1):], ".")
}

// mailbox returns the standard spelling of an address.
func (b *Book) mailbox(m *Mail, local string) string {
	host := cmp.Or(m.ascii, m.Host)
	if p, known := b.providers[host]; known {
		before := local + "@" + host
		local = withoutTag(local, p.Tag)
		if p.IgnoreDots {
			if bare := strings.ReplaceAll(local, ".", ""); bare != "" {
				local = bare
			}
		}
		host = p.Domains[0]
		m.provider = local+"@"+host != before
	}
	if b.options.PlusTags {
		local = withoutTag(local, "+")
	}
	return local + "@" + host
}

// withoutTag takes a sign and what stands behind it away, unless nothing stands
// before it.
func withoutTag(local, sign string) string {
	if cut, _, tagged := strings.Cut(local, sign); sign != "" && tagged && cut != "" {
		return cut
	}
	return local
}

// judge looks a host up on the lists: the policy's word goes before ours, and
// a domain that it calls a company's is on no list.
func (b *Book) judge(m Mail) (free, thrown bool) {
	on := func(set map[string]bool) bool { return set[m.Host] || set[m.Domain] }
	switch {
	case on(b.business):
		return false, false
	case on(b.free) || on(b.disposable):
		return on(b.free), on(b.disposable)
	}
	for host := m.ascii; host != ""; _, host, _ = strings.Cut(host, ".") {
		switch {
		case listed(disposable, host):
			return false, true
		case listed(freeMail, host):
			return true, false
		case host == m.reg || m.reg == "":
			return false, false
		}
	}
	return false, false
}

func listed(table, key string) bool {
	_, ok := sorted.Find(table, key)
	return ok
}

// mail fills in the fields of the address.
func (b *Book) mail(out Standard, original string) {
	m := b.Mail(original)
	f := Field{Value: m.Standard, From: original}
	var how []string
	switch {
	case m.Address == "":
		f.How = "It is no e-mail address."
		out[Email] = f
		return
	case m.provider:
		how = append(how, "spelled as the rules for "+m.Host+" say")
	case b.options.PlusTags && m.Tag != "":
		how = append(how, "without what stands behind the +")
	}
	if m.ascii != "" && m.Host != m.ascii {
		how = append(how, "with the domain in ASCII")
	}
	f.How = "In lower case" + strings.Join(slices.Insert(how, 0, ""), ", ") + "."
	switch {
	case m.Disposable:
		f.How += " " + m.Domain + " gives addresses to throw away."
	case m.Free:
		f.How += " Anybody gets a mailbox at " + m.Domain + "."
	}
	if m.Role {
		f.How += " A shared mailbox, not a person's."
	}
	out[Email] = f
	if m.Tag != "" {
		out[EmailTag] = Field{Value: m.Tag, From: original, How: "It stands behind the +, and says for what the address is used."}
	}
}
