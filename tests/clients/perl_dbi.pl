#!/usr/bin/perl
# perl_dbi.pl PORT USER PASSWORD DATABASE DRIVER-MODE <steps.json
# DRIVER: mysql (DBD::mysql) or MariaDB (DBD::MariaDB); MODE: text or prepared.
# Runs the steps and prints what each of them gave, as JSON. TLS with the CA of
# $SEALGATE_TEST_CA, if that is set.
use strict;
use warnings;
use DBI qw(:sql_types);
use JSON::PP;

my ($port, $user, $password, $database, $way) = @ARGV;
my ($driver, $mode) = split /-/, $way;
my $p = lc $driver;
my $ca = $ENV{SEALGATE_TEST_CA};
my $tls = $ca ? ";${p}_ssl=1;${p}_ssl_ca_file=$ca;${p}_ssl_verify_server_cert=1" : '';
my $link = DBI->connect("dbi:$driver:host=127.0.0.1;port=$port;database=$database$tls", $user,
                        $password, {RaiseError => 0, PrintError => 0, AutoCommit => 1});
if (!$link) {
  print STDERR "cannot connect: ", DBI->err, " ", DBI->errstr, "\n";
  exit 1;
}
$link->do('SET NAMES utf8mb4');
$link->{"${p}_server_prepare"} = $mode eq 'prepared' ? 1 : 0;
$link->{"${p}_server_prepare_disable_fallback"} = 1 if $mode eq 'prepared';

# DBD::MariaDB takes texts as characters, DBD::mysql as bytes.
sub bytes_of {
  my ($kind, $text) = @{$_[0]};
  return pack('H*', $text) if $kind eq 'b';
  utf8::encode($text) if $driver eq 'mysql';
  return $text;
}

sub shown {
  my ($value) = @_;
  return undef unless defined $value;
  utf8::encode($value) if utf8::is_utf8($value);
  return unpack('H*', $value);
}

sub columns_of {
  my ($statement) = @_;
  my @columns;
  for my $n (0 .. $statement->{NUM_OF_FIELDS} - 1) {
    push @columns, [map { $_->[$n] } grep { defined }
      map { $statement->{$_} } 'NAME', 'TYPE', 'PRECISION', 'SCALE', 'NULLABLE', "${p}_table",
      "${p}_type", "${p}_type_name", "${p}_length", "${p}_is_blob", "${p}_is_key", "${p}_is_num",
      "${p}_is_pri_key"];
  }
  return \@columns;
}

sub run {
  my ($step) = @_;
  my $sql = $step->{sql};
  utf8::encode($sql) if $driver eq 'mysql';
  my $out = {name => $step->{name}, error => 0, message => '', affected => -1, insert_id => 0,
             columns => [], rows => []};
  my $statement = $link->prepare($sql);
  my $number = 0;
  for my $value ($statement ? @{$step->{values}} : ()) {
    my $kind = $value ? $value->[0] : '';
    my $type = $kind eq 'i' ? SQL_BIGINT : $kind eq 'b' ? SQL_BLOB : SQL_VARCHAR;
    $statement->bind_param(++$number, $value ? bytes_of($value) : undef, $type);
  }
  my $count = $statement ? $statement->execute : undef;
  my $from = $statement ? $statement : $link;
  if (!defined $count) {
    ($out->{error}, $out->{message}) = ($from->err + 0, $from->errstr);
    return $out;
  }
  if ($statement->{NUM_OF_FIELDS}) {
    $out->{columns} = columns_of($statement);
    while (my $row = $statement->fetchrow_arrayref) {
      push @{$out->{rows}}, [map { shown($_) } @$row];
    }
    ($out->{error}, $out->{message}) = ($statement->err + 0, $statement->errstr) if $statement->err;
  } else {
    ($out->{affected}, $out->{insert_id}) = ($count + 0, $statement->{"${p}_insertid"});
  }
  return $out;
}

local $/;
my $steps = JSON::PP->new->utf8->decode(<STDIN>);
print JSON::PP->new->utf8->canonical->encode([map { run($_) } @$steps]);
