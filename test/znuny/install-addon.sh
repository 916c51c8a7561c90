#!/usr/bin/env bash
# Puts the add-on into a test Znuny (Debian's package otrs2): installs the package, adds the test operation, imports the
# web service with both, and checks that they answer. Run as root on the machine of the Znuny, with its web server up.
#   install-addon.sh dist/KivitendoBridge-<version>.opm
#   ZNUNY_PORT      port of the web server                       8080
#   ZNUNY_AGENT     login of an agent in group kivitendo_bridge  bridge
#   ZNUNY_PASSWORD  its password                                 throwaway-bridge
set -euo pipefail
package=$(realpath "${1:?usage: install-addon.sh PACKAGE.opm}")
here=$(cd "$(dirname "$0")" && pwd)
port=${ZNUNY_PORT:-8080}
agent=${ZNUNY_AGENT:-bridge}
password=${ZNUNY_PASSWORD:-throwaway-bridge}
home=/usr/share/otrs
work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT

say() { echo "install-addon: $*"; }
fail() { say "$*" >&2; exit 1; }
as_root() { (cd "$home" && bin/otrs.Console.pl "$@" --allow-root); }
as_otrs() { runuser -u otrs -- /bin/sh -c "cd $home && exec bin/otrs.Console.pl \"\$@\"" console "$@"; }

# Only root may write to Debian's /usr/share/otrs; as user otrs the installation would say "Done." without a file written.
install_package() {
  if as_root Admin::Package::List | grep -q 'KivitendoBridge'; then as_root Admin::Package::Uninstall KivitendoBridge; fi
  cp "$package" "$work/package.opm"
  as_root Admin::Package::Install "$work/package.opm"
}

# What root has made is 0770 and root's: the web server could not read it, nor rewrite the configuration and the caches.
mend_permissions() {
  chmod -R a+rX "$home/Kernel" "$home/Custom" "$home"/var/webservices
  chown -R otrs:www-data /var/lib/otrs/Config /var/lib/otrs/tmp
}

install_test_operation() {
  install -d -m 755 "$home/Custom/Kernel/GenericInterface/Operation/KivitendoBridgeTest"
  install -m 644 "$here"/KivitendoBridgeTest/*.pm "$home/Custom/Kernel/GenericInterface/Operation/KivitendoBridgeTest/"
}

# Two fields of the site, as companies have them: a column, and an entry in the map of its source. The columns come first:
# a map that names a missing one breaks every look-up.
add_site_fields() {
  cat > "$work/columns.pl" <<'PERL'
use lib '.', 'Kernel/cpan-lib', 'Custom';
use Kernel::System::ObjectManager;
local $Kernel::OM = Kernel::System::ObjectManager->new();
my $DB = $Kernel::OM->Get('Kernel::System::DB');
my $Handle = $DB->Connect();
for ( [ customer_company => 'kivi_test_industry' ], [ customer_user => 'kivi_test_room' ] ) {
    my ( $Table, $Column ) = @{$_};
    next if eval { local $Handle->{PrintError}; $Handle->do("SELECT $Column FROM $Table WHERE 1 = 0") };
    $DB->Do( SQL => "ALTER TABLE $Table ADD $Column VARCHAR(200)" ) || die "$Table.$Column\n";
}
PERL
  chmod 644 "$work/columns.pl"
  runuser -u otrs -- /bin/sh -c "cd $home && perl $work/columns.pl"
  cat > "$home/Kernel/Config/Files/ZZZKivitendoBridgeTest.pm" <<'PERL'
package Kernel::Config::Files::ZZZKivitendoBridgeTest;
# TEST ONLY: fields that a site has added to the maps of its customer sources
use strict;
use warnings;
sub Load {
    my ( $File, $Self ) = @_;
    push @{ $Self->{CustomerCompany}->{Map} }, [ 'CustomerCompanyIndustry', 'Industry', 'kivi_test_industry', 0, 0, 'var', '', 0 ];
    push @{ $Self->{CustomerUser}->{Map} },    [ 'UserRoom', 'Room', 'kivi_test_room', 0, 0, 'var', '', 0 ];
    return 1;
}
1;
PERL
  chmod 644 "$home/Kernel/Config/Files/ZZZKivitendoBridgeTest.pm"
}

# The definition that came with the package, and in it the test operation.
import_web_service() {
  awk '
    { print }
    /^  Operation:$/ {
      print "    KivitendoBridgeTest:"
      print "      MappingInbound: {}"
      print "      MappingOutbound: {}"
      print "      Type: KivitendoBridgeTest::Agent"
    }
    /^      RouteOperationMapping:$/ {
      print "        KivitendoBridgeTest:"
      print "          ParserBackend: JSON"
      print "          RequestMethod:"
      print "          - POST"
      print "          Route: /KivitendoBridgeTest/Agent"
    }
  ' "$home/var/webservices/examples/KivitendoBridge.yml" > "$work/web-service.yml"
  chmod 644 "$work/web-service.yml"
  local id
  id=$(as_otrs Admin::WebService::List | awk '/KivitendoBridge \(/ { gsub(/[()]/, ""); print $2 }')
  if [ -n "$id" ]; then
    as_otrs Admin::WebService::Update --webservice-id "$id" --source-path "$work/web-service.yml"
  else
    as_otrs Admin::WebService::Add --name KivitendoBridge --source-path "$work/web-service.yml"
  fi
}

# $1: what to call, $2: what the body holds besides the credentials, $3: what the answer must contain
check() {
  local url=http://127.0.0.1:$port/otrs/nph-genericinterface.pl/Webservice/KivitendoBridge/$1 answer=
  for _ in $(seq 20); do
    answer=$(curl -s -m 30 -X POST -H 'Content-Type: application/json' \
      -d "{\"UserLogin\":\"$agent\",\"Password\":\"$password\"$2}" "$url" || true)
    case $answer in *"$3"*) return ;; esac
    sleep 0.5
  done
  fail "$1 does not answer as it should: $answer"
}

install_package
install_test_operation
add_site_fields
mend_permissions
as_otrs Maint::Config::Rebuild
as_otrs Maint::Cache::Delete
import_web_service
check KivitendoBridge/Info '' '"AddonVersion"'
check KivitendoBridgeTest/Agent ',"Steps":[{"Do":"CompanyCount"}]' '"Count"'
say "ready: $(basename "$package")"
