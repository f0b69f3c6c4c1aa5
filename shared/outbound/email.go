package outbound

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"html/template"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/smithy-go"

	"github.com/handoff-oss/handoff/shared/fault"
	"github.com/handoff-oss/handoff/shared/remote"
)

//go:embed email.html
var emailHTML string

// Email sends through Amazon SES. SES has no token against repeats, so make
// its client without retries of its own: the caller knows what was sent.
type Email struct {
	Client *sesv2.Client
	From   string // the sender, an address or "Name <address>"
}

// Send sends one mail to all recipients of the message.
func (e Email) Send(ctx context.Context, m Message, _ time.Time) error {
	in, err := e.input(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, Timeout)
	defer cancel()
	if _, err := e.Client.SendEmail(ctx, in); err != nil {
		return judgeSES(err)
	}
	return nil
}

func (e Email) input(m Message) (*sesv2.SendEmailInput, error) {
	html, err := emailBody(m)
	if err != nil {
		return nil, err
	}
	to := make([]string, len(m.To))
	for i, r := range m.To {
		if r.Email == "" {
			return nil, fault.New(fault.Invalid, "no e-mail address of %s", r.Ref)
		}
		to[i] = r.Email
	}
	utf8 := aws.String("UTF-8")
	headers := []types.MessageHeader{{Name: aws.String("Auto-Submitted"), Value: aws.String("auto-generated")}}
	named := m.header()
	for _, name := range []string{headerEventID, headerEventType, headerLead, headerTo} {
		if value := named.Get(name); value != "" { // SES takes no empty ones
			headers = append(headers, types.MessageHeader{Name: aws.String("X-" + name), Value: aws.String(value)})
		}
	}
	return &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(e.From),
		Destination:      &types.Destination{ToAddresses: to},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: &types.Content{Data: aws.String(clean(m.Subject, 150)), Charset: utf8},
			Body: &types.Body{
				Text: &types.Content{Data: aws.String(m.text()), Charset: utf8},
				Html: &types.Content{Data: aws.String(html), Charset: utf8},
			},
			Headers: headers,
		}},
	}, nil
}

func emailBody(m Message) (string, error) {
	t, err := template.New("email").Funcs(template.FuncMap{
		"title":     Score.title,
		"reference": Message.reference,
		"color":     buttonColor,
	}).Parse(emailHTML)
	if err != nil {
		return "", fault.Wrap(fault.Internal, "parse the e-mail's template", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, m); err != nil {
		return "", fault.Wrap(fault.Internal, "render e-mail", err)
	}
	return b.String(), nil
}

func buttonColor(label string) string {
	switch label {
	case LabelAccept:
		return "#1a7f4b"
	case LabelReject:
		return "#b3261e"
	}
	return "#44546a"
}

// judgeSES sorts the errors of SES: what a later try may pass, and what the
// message or the account's setup makes impossible. It keeps the error's code
// alone, for SES quotes addresses in its messages.
func judgeSES(err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fault.Wrap(fault.Unavailable, "SES", remote.WithoutURL(err))
	}
	switch api.ErrorCode() {
	case "MessageRejected", "BadRequestException", "MailFromDomainNotVerifiedException", "AccountSuspendedException", "NotFoundException":
		return fault.New(fault.Invalid, "SES refused the message: %s", api.ErrorCode())
	}
	// Throttling, a paused account, SES away, no permission yet.
	return fault.New(fault.Unavailable, "SES: %s", api.ErrorCode())
}
