# Run once inside Znuny, on its own initial data: queues, people, dates that people set, and what each may do.
my $o     = sub { $Kernel::OM->Get("Kernel::System::$_[0]") };
my $group = $o->('Group')->GroupLookup(Group => 'users');
my @all   = qw(ro move_into create note owner priority rw);

sub person {
    my ($login, @may) = @_;
    my $id = $o->('User')->UserAdd(
        UserFirstname => ucfirst $login, UserLastname => 'Desk', UserLogin => $login, UserPw => "pass-of-$login",
        UserEmail => "$login\@desk.example", ValidID => 1, ChangeUserID => 1,
    ) or die $login;
    my %permission = map { $_ => 0 } @all;
    $permission{$_} = 1 for @may;
    $o->('Group')->PermissionGroupUserAdd(GID => $group, UID => $id, UserID => 1, Permission => \%permission);
}

$o->('Ticket')->TicketDelete(TicketID => 1, UserID => 1) or die 'the welcome ticket';
person($_, @all) for qw(alice bob cindy chatbot);
person('stranger');
person('monitor', 'ro');    # the least with which a ticket, its notes and its history can be read

# Support answers within a day and solves within five.
my %support = (FirstResponseTime => 1440, UpdateTime => 1440, SolutionTime => 7200);
for my $name (qw(Support Projects Managers Complaints)) {
    my $address = $o->('SystemAddress')->SystemAddressAdd(
        Name => lc($name) . '@desk.example', Realname => $name, ValidID => 1, QueueID => 1, UserID => 1,
    ) or die $name;
    my $queue = $o->('Queue')->QueueAdd(
        Name => $name, GroupID => $group, SystemAddressID => $address, SalutationID => 1, SignatureID => 1, FollowUpID => 1,
        FollowUpLock => 0, UnlockTimeout => 0, ValidID => 1, UserID => 1, $name eq 'Support' ? %support : (),
    ) or die $name;
    $o->('SystemAddress')->SystemAddressUpdate(
        ID => $address, Name => lc($name) . '@desk.example', Realname => $name, ValidID => 1, QueueID => $queue, UserID => 1,
    );
    my %texts = reverse $o->('AutoResponse')->AutoResponseList(Valid => 1);
    my ($reply) = map { $texts{$_} } grep {/default reply/} keys %texts;
    $o->('AutoResponse')->AutoResponseQueue(QueueID => $queue, AutoResponseIDs => [$reply], UserID => 1) if $name eq 'Support';
}
for my $name (qw(DueBy PromisedBy)) {
    $o->('DynamicField')->DynamicFieldAdd(
        Name => $name, Label => $name, FieldOrder => 1, FieldType => 'DateTime', ObjectType => 'Ticket',
        Config => { DefaultValue => 0, YearsPeriod => 0 }, ValidID => 1, UserID => 1,
    ) or die $name;
}
