// Package config reads how an instance is run: flags win over EARSHOT_*
// variables, these over DATA/earshot.toml, and that over the defaults. Settings
// that cannot change later (URL, handle domain) are not here but in the store.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"earshot/internal/app"
	"earshot/internal/auth"
	"earshot/internal/desk"
	"earshot/internal/mail"
	"earshot/internal/safehttp"
)

// The names of the files in the data folder.
const (
	FileName   = "earshot.toml"
	StoreName  = "earshot.db"
	SocketName = "earshot.sock"
	SecretName = "secret.key"
	// PicturesName is the name of the folder for copies of pictures, which is emptied
	// at each start.
	PicturesName = "pictures"
	// DeletionsName is the name of the file of deletions, which a restore
	// replays.
	DeletionsName = "deletions"
)

// Config is how an instance is run.
type Config struct {
	Listen         string                 // TCP address of the public listener
	Dev            bool                   // http:// and private addresses, for us and our peers
	TakeBack       time.Duration          // how long a reply can be taken back
	AdminListen    string                 // TCP address of the admin listener; "": none
	MaxRequests    int                    // answered at the same time; more get 503
	MaxWaiting     int                    // jobs from outside that may wait before inboxes answer 503
	TrustedProxies []netip.Prefix         // whose X-Forwarded-For is believed
	PrivateHosts   []safehttp.PrivateHost // names that may resolve to private addresses
	NotifyHosts    []safehttp.PrivateHost // the same, for destinations that an admin set
	LogLevel       slog.Level
	LogFormat      string        // "text" or "json"
	WordsExpire    time.Duration // after which other people's words are erased; whole days
	HeardWithin    time.Duration // how old a post may be that a source brings; whole hours
	RemoteFaces    bool          // the pictures of people are shown to agents
	SecureMode     bool          // posts and collections are shown to signed GETs only
	FloodLimits    bool          // likely spam is held back, and open issues are bounded: see internal/desk
	TellFirst      int           // voices only heard by tags that are told alone
	TellAtOnce     int           // of one server, after those
	TellADay       int           // of one server in a day
	Room           desk.Room     // the bounds of open issues
	StoreMaxSize   int64         // bytes over which the store's file does not grow; 0: no limit
	Mail           mail.Server   // the server for mail; without an address none is sent
	OpenID         auth.OpenID   // where agents may sign in too; without a Client
}

// Default returns the settings of an instance that has none.
func Default() Config {
	return Config{Listen: "127.0.0.1:8080", TakeBack: app.DefaultTakeBack, MaxRequests: 512, MaxWaiting: 50_000, FloodLimits: true, Room: desk.DefaultRoom, TellFirst: desk.DefaultPace.First, TellAtOnce: desk.DefaultPace.AtOnce, TellADay: desk.DefaultPace.ADay, WordsExpire: app.DefaultWordsExpire, HeardWithin: app.DefaultHeardWithin, LogFormat: "text",
		Mail: mail.Server{Security: mail.StartTLS}, OpenID: auth.OpenID{ClientID: "earshot", Claim: "groups"}}
}

// Flag names a setting as flags and variables give it: as text.
type Flag string

// The settings that flags and variables may give. "log-level" is
// EARSHOT_LOG_LEVEL.
const (
	FlagListen      Flag = "listen"
	FlagDev         Flag = "dev"
	FlagTakeBack    Flag = "take-back"
	FlagAdminListen Flag = "admin-listen"
	FlagMaxRequests Flag = "max-requests"
	FlagMaxWaiting  Flag = "max-waiting"
	FlagWordsExpire Flag = "words-expire"         // in days
	FlagHeardWithin Flag = "heard-within"         // in hours
	FlagProxies     Flag = "trusted-proxies"      // separated by commas
	FlagPrivate     Flag = "private-hosts"        // separated by commas
	FlagNotifyHosts Flag = "notify-private-hosts" // separated by commas
	FlagFaces       Flag = "remote-faces"
	FlagSecureMode  Flag = "secure-mode"
	FlagFloodLimits Flag = "flood-limits"
	FlagTellFirst   Flag = "tell-first"
	FlagTellAtOnce  Flag = "tell-at-once"
	FlagTellADay    Flag = "tell-a-day"
	FlagMaxOpen     Flag = "max-open"
	FlagMaxOpenOf   Flag = "max-open-of-server"
	FlagMaxText     Flag = "max-text-of-stranger"
	FlagLogLevel    Flag = "log-level"
	FlagLogFormat   Flag = "log-format"
	FlagStoreSize   Flag = "store-max-size"
	FlagMail        Flag = "smtp-server"
	FlagMailUser    Flag = "smtp-user"
	FlagMailKey     Flag = "smtp-password"
	FlagMailFrom    Flag = "smtp-from"
	FlagMailTLS     Flag = "smtp-security"
	FlagOpenID      Flag = "openid-issuer"
	FlagOpenIDID    Flag = "openid-client-id"
	FlagOpenIDKey   Flag = "openid-client-secret"
	FlagOpenIDName  Flag = "openid-name"
	FlagOpenIDClaim Flag = "openid-groups-claim"
	FlagOpenIDRoles Flag = "openid-roles" // separated by commas
	FlagOpenIDEmail Flag = "openid-any-email"
)

func (f Flag) variable() string {
	return "EARSHOT_" + strings.ReplaceAll(strings.ToUpper(string(f)), "-", "_")
}

// file is the shape of earshot.toml. Everything is optional.
type file struct {
	Listen         *string   `toml:"listen"`
	Dev            any       `toml:"dev"`
	TakeBack       *string   `toml:"take_back"`
	AdminListen    *string   `toml:"admin_listen"`
	MaxRequests    *int64    `toml:"max_requests"`
	MaxWaiting     *int64    `toml:"max_waiting"`
	WordsExpire    *int64    `toml:"words_expire"`
	HeardWithin    *int64    `toml:"heard_within"`
	TellFirst      *int64    `toml:"tell_first"`
	TellAtOnce     *int64    `toml:"tell_at_once"`
	TellADay       *int64    `toml:"tell_a_day"`
	TrustedProxies *[]string `toml:"trusted_proxies"`
	PrivateHosts   *[]string `toml:"private_hosts"`
	NotifyHosts    *[]string `toml:"notify_private_hosts"`
	RemoteFaces    any       `toml:"remote_faces"`
	SecureMode     any       `toml:"secure_mode"`
	FloodLimits    any       `toml:"flood_limits"`
	MaxOpen        *int64    `toml:"max_open"`
	MaxOpenOf      *int64    `toml:"max_open_of_server"`
	MaxText        *int64    `toml:"max_text_of_stranger"`
	Log            struct {
		Level  *string `toml:"level"`
		Format *string `toml:"format"`
	} `toml:"log"`
	Store struct {
		MaxSize *string `toml:"max_size"`
	} `toml:"store"`
	SMTP struct {
		Server   *string `toml:"server"`
		User     *string `toml:"user"`
		Password *string `toml:"password"`
		From     *string `toml:"from"`
		Security *string `toml:"security"`
	} `toml:"smtp"`
	OpenID struct {
		Issuer       *string   `toml:"issuer"`
		ClientID     *string   `toml:"client_id"`
		ClientSecret *string   `toml:"client_secret"`
		Name         *string   `toml:"name"`
		GroupsClaim  *string   `toml:"groups_claim"`
		Roles        *[]string `toml:"roles"`
		AnyEmail     any       `toml:"any_email"`
	} `toml:"openid"`
}

// Load reads the settings of the data folder dir. flags holds the flags that
// were given; getenv is os.Getenv.
func Load(dir string, getenv func(string) string, flags map[Flag]string) (Config, error) {
	c := Default()
	if err := c.readFile(filepath.Join(dir, FileName)); err != nil {
		return c, err
	}
	for _, s := range settings {
		if v := getenv(s.flag.variable()); v != "" {
			if err := s.set(&c, v); err != nil {
				return c, fmt.Errorf("%s: %w", s.flag.variable(), err)
			}
		}
		if v, ok := flags[s.flag]; ok {
			if err := s.set(&c, v); err != nil {
				return c, fmt.Errorf("--%s: %w", s.flag, err)
			}
		}
	}
	return c, nil
}

// readFile reads earshot.toml strictly: a misspelt key must not be ignored.
func (c *Config) readFile(path string) error {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the settings: %w", err)
	}
	var f file
	if err := toml.NewDecoder(strings.NewReader(string(b))).DisallowUnknownFields().Decode(&f); err != nil {
		return tomlError(path, err)
	}
	for flag, v := range f.given() {
		if err := setterOf(flag)(c, v); err != nil {
			return fmt.Errorf("%s: %s: %w", path, flag.key(), err)
		}
	}
	return nil
}

// given returns the file's settings, as text.
func (f file) given() map[Flag]string {
	out := map[Flag]string{}
	for flag, v := range map[Flag]*string{FlagListen: f.Listen, FlagAdminListen: f.AdminListen, FlagTakeBack: f.TakeBack, FlagLogLevel: f.Log.Level,
		FlagLogFormat: f.Log.Format, FlagStoreSize: f.Store.MaxSize, FlagOpenID: f.OpenID.Issuer, FlagOpenIDID: f.OpenID.ClientID,
		FlagMail: f.SMTP.Server, FlagMailUser: f.SMTP.User, FlagMailKey: f.SMTP.Password, FlagMailFrom: f.SMTP.From, FlagMailTLS: f.SMTP.Security,
		FlagOpenIDKey: f.OpenID.ClientSecret, FlagOpenIDName: f.OpenID.Name, FlagOpenIDClaim: f.OpenID.GroupsClaim} {
		if v != nil {
			out[flag] = *v
		}
	}
	// true, or "on" as the guide says.
	for flag, v := range map[Flag]any{FlagDev: f.Dev, FlagFaces: f.RemoteFaces, FlagSecureMode: f.SecureMode, FlagFloodLimits: f.FloodLimits, FlagOpenIDEmail: f.OpenID.AnyEmail} {
		if v != nil {
			out[flag] = fmt.Sprint(v)
		}
	}
	for flag, v := range map[Flag]*int64{FlagMaxRequests: f.MaxRequests, FlagMaxWaiting: f.MaxWaiting, FlagWordsExpire: f.WordsExpire, FlagHeardWithin: f.HeardWithin,
		FlagMaxOpen: f.MaxOpen, FlagMaxOpenOf: f.MaxOpenOf, FlagMaxText: f.MaxText, FlagTellFirst: f.TellFirst, FlagTellAtOnce: f.TellAtOnce, FlagTellADay: f.TellADay} {
		if v != nil {
			out[flag] = fmt.Sprint(*v)
		}
	}
	for flag, v := range map[Flag]*[]string{FlagProxies: f.TrustedProxies, FlagPrivate: f.PrivateHosts, FlagNotifyHosts: f.NotifyHosts, FlagOpenIDRoles: f.OpenID.Roles} {
		if v != nil {
			out[flag] = strings.Join(*v, ",")
		}
	}
	return out
}

// key is a setting's name in the file.
func (f Flag) key() string {
	switch f {
	case FlagLogLevel, FlagLogFormat:
		return strings.Replace(string(f), "-", ".", 1)
	case FlagStoreSize:
		return "store.max_size"
	}
	if rest, ok := strings.CutPrefix(string(f), "smtp-"); ok {
		return "smtp." + rest
	}
	if rest, ok := strings.CutPrefix(string(f), "openid-"); ok {
		return "openid." + strings.ReplaceAll(rest, "-", "_")
	}
	return strings.ReplaceAll(string(f), "-", "_")
}

// tomlError says where the mistake is.
func tomlError(path string, err error) error {
	if strict, ok := errors.AsType[*toml.StrictMissingError](err); ok && len(strict.Errors) > 0 {
		first := strict.Errors[0]
		line, _ := first.Position()
		return fmt.Errorf("%s, line %d: there is no setting %q", path, line, strings.Join(first.Key(), "."))
	}
	if d, ok := errors.AsType[*toml.DecodeError](err); ok {
		line, column := d.Position()
		return fmt.Errorf("%s, line %d, column %d: %s", path, line, column, strings.TrimPrefix(d.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", path, err)
}
